import type { TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { Auth, HeldTokens } from '../auth.ts'
import type { AuthPart, TokenRequests } from '../auth-part.ts'
import type { Settings } from '../settings.ts'
import { type KeeperAnswer, type KeeperCalls, receivedError } from '../worker/keeper-messages.ts'

/** The part of a `Worker` that is used. */
export interface WorkerLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'error', listener: (event: { readonly data?: unknown }) => void): void
  terminate(): void
}

export interface TokensInWorkerOptions {
  /** `fetch`: the page sees no access token either, and sends requests by `auth.fetch` alone. Default `access-token`. */
  readonly expose?: 'access-token' | 'fetch'
  /** Whether tokens are bound to a key of the worker. Default false. */
  readonly dpop?: boolean
  /** Whether the worker checks ID-token signatures. Default true. */
  readonly signatures?: boolean
}

/**
 * Refresh tokens (and the DPoP key) live in a worker and never come out of it. Each tab has a session of its own; a new tab
 * and a reload ask the provider silently. `make` is called once:
 * `() => new Worker(new URL('@latchkey/browser/worker-script', import.meta.url), { type: 'module' })`
 */
export function tokensInWorker(make: () => WorkerLike, options: TokensInWorkerOptions = {}): AuthPart {
  return {
    requests: (settings, { page }) => requestsBy(ask(make()), { settings, options, href: page.href() }),
    watch(_parts, auth) {
      Object.assign(auth, withoutSecrets(auth, options))
      return () => {}
    },
  }
}

/** What the page asks for its tokens, answered without those that the worker keeps. */
function withoutSecrets({ getTokens }: Auth, { expose }: TokensInWorkerOptions): Partial<Auth> {
  const shown = (hidden: Partial<HeldTokens>) => {
    const held = getTokens()
    return held && { ...held, refreshToken: null, ...hidden }
  }
  if (expose !== 'fetch') return { getTokens: () => shown({}) }
  return {
    getTokens: () => shown({ accessToken: '' }),
    peekAccessToken: () => null,
    async getAccessToken() {
      throw new ProtocolError('token_not_in_browser', 'the worker shows no token: send requests by auth.fetch')
    },
  }
}

interface Setup {
  readonly settings: Settings
  readonly options: TokensInWorkerOptions
  readonly href: string
}

function requestsBy({ call, close }: Asking, { settings, options, href }: Setup): TokenRequests {
  const { issuer, clientId, secureRoutes: routes = [] } = settings
  const { expose = 'access-token', dpop = false, signatures = true } = options
  const opened = call('open', { issuer, clientId, href, routes, dpop, signatures, expose })
  opened.catch(() => undefined)
  const asked = async <K extends keyof KeeperCalls>(name: K, ...given: Parameters<KeeperCalls[K]>) => {
    await opened
    return call(name, ...given)
  }
  return {
    ofThisTab: true,
    exchange: ({ callback, ...rest }) => asked('exchange', callback.toString(), rest) as Promise<TokenSet>,
    refresh: (tokens, target) => asked('refresh', tokens, target) as Promise<TokenSet>,
    revoke: (token, kind) => asked('revoke', token, kind),
    proof: (request) => asked('proof', request) as Promise<string | null>,
    hearNonce: (url, nonce) => void asked('hearNonce', url, nonce).catch(() => undefined),
    close,
    ...(expose === 'access-token'
      ? {}
      : {
          async send(request, accessToken) {
            const { url, method, headers } = request
            const body = request.body === null ? null : await request.arrayBuffer()
            const sent = { url, method, headers: [...headers], body }
            const answer = (await asked('send', sent, accessToken)) as Awaited<ReturnType<KeeperCalls['send']>>
            const { status, statusText } = answer
            return new Response(answer.body, {
              status,
              statusText,
              headers: answer.headers.map(([name, value]) => [name, value] as [string, string]),
            })
          },
        }),
  }
}

interface Asking {
  call<K extends keyof KeeperCalls>(name: K, ...given: Parameters<KeeperCalls[K]>): Promise<unknown>
  close(): void
}

/** Questions to the worker and their answers, each by its number. */
function ask(worker: WorkerLike): Asking {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  let count = 0
  worker.addEventListener('message', ({ data }) => {
    const answer = data as KeeperAnswer
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asked?.reject(receivedError(answer.error))
    else asked?.resolve(answer.value)
  })
  const failAll = () => {
    const error = new ProtocolError('unreachable', 'the token worker could not be loaded, or failed', {
      retryable: true,
    })
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.addEventListener('error', failAll)
  return {
    call: (name, ...given) =>
      new Promise((resolve, reject) => {
        const id = ++count
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, call: name, given })
      }),
    close() {
      worker.terminate()
      failAll()
    },
  }
}
