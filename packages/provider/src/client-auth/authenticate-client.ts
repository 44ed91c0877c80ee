import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { andThen, type Soon } from '../soon.ts'
import type { AuthenticatedClient, Presentation, Presented } from './client-auth-method.ts'
import { signedWithSecret } from './client-secret-jwt.ts'
import { isClientSecret } from './client-secrets.ts'
import { clientAuthMethods } from './index.ts'

interface Asking {
  readonly request: Request
  readonly form: Form
}

const presentations: readonly Presentation[] = [...new Set(clientAuthMethods.map(({ presentation }) => presentation))]

/**
 * The client that sent the request, proven. An unknown client and a wrong proof look the same from outside.
 * @throws OAuthError `invalid_client` when it does not prove who it is, `invalid_request` when it tries two ways at once,
 * `temporarily_unavailable` when too many wrong secrets came from where it is
 * @spec RFC 6749 §2.3, §2.3.1, §3.2.1
 */
export function authenticateClient(parts: Parts, asking: Asking): Soon<AuthenticatedClient> {
  const { presentation, readings } = readPresented(asking)
  const { request, form } = asking
  function tryReading(index: number, failed: Failed): Soon<AuthenticatedClient> {
    const presented = readings[index]
    if (presented === undefined) return refuse(parts, { readings, request, failed })
    return andThen(parts.clients.find(presented.clientId), (client) => {
      if (guessed(presented) !== undefined) parts.wrongSecrets.check(presented.clientId, request)
      if (client === null) return tryReading(index + 1, failed)
      return andThen(refute(parts, { client, presented, presentation, request }), (wrong) => {
        if (wrong === null) return named(client, form)
        const isProven = presented.assertion !== undefined && signedWithSecret(parts, client, presented.assertion)
        const { isGuess } = failed
        return tryReading(index + 1, {
          why: { detail: wrong, clientId: presented.clientId },
          isGuess: isGuess && !isProven,
        })
      })
    })
  }
  return tryReading(0, { why: { detail: 'unknown client' }, isGuess: true })
}

/** What came of the readings so far. */
interface Failed {
  readonly why: { readonly detail: string; readonly clientId?: string }
  /** Whether it may be somebody who guesses at a secret. */
  readonly isGuess: boolean
}

async function refuse(
  parts: Parts,
  { readings, request, failed }: { readings: readonly Presented[]; request: Request; failed: Failed },
): Promise<never> {
  if (failed.isGuess) await countGuess(parts, { readings, clientId: failed.why.clientId, request })
  throw new OAuthError('invalid_client', 'client authentication failed', failed.why)
}

interface Guessing {
  readonly readings: readonly Presented[]
  /** Of the client, where it is one of ours. */
  readonly clientId: string | undefined
  readonly request: Request
}

/** @spec RFC 6749 §2.3.1 */
async function countGuess(parts: Parts, { readings, clientId, request }: Guessing): Promise<void> {
  const [first] = readings
  const sent = first === undefined ? undefined : guessed(first)
  if (first === undefined || sent === undefined) return
  const isKnown = clientId !== undefined
  await parts.wrongSecrets.count(parts, { clientId: clientId ?? first.clientId, request, sent, isKnown })
}

/** What somebody who guesses at a secret sends: the secret, or a signature made with it. */
function guessed({ secret, assertion }: Presented): string | undefined {
  return secret ?? (assertion?.alg.startsWith('HS') === true ? assertion.signature : undefined)
}

function named(client: RegisteredClient, form: Form): AuthenticatedClient {
  const id = form.get('client_id')
  if (id !== undefined && id !== client.metadata.client_id) {
    throw new OAuthError('invalid_request', 'client_id in the body is not the client that authenticated')
  }
  return client as AuthenticatedClient
}

function readPresented({ request, form }: Asking): { presentation: Presentation; readings: readonly Presented[] } {
  let found: { presentation: Presentation; readings: readonly Presented[] } | undefined
  for (const presentation of presentations) {
    const readings = presentation.read(request, form)
    if (readings === null) continue
    if (found !== undefined) {
      const both = `${found.presentation.name} and ${presentation.name}`
      throw new OAuthError('invalid_request', `the client authenticates twice: ${both}`)
    }
    found = { presentation, readings }
  }
  if (found === undefined) throw new OAuthError('invalid_client', 'the request names no client')
  return found
}

interface Trying {
  readonly client: RegisteredClient
  readonly presented: Presented
  readonly presentation: Presentation
  readonly request: Request
}

/** By the one method the client registered: a weaker one never stands in for it. @spec OIDC Registration §2; RFC 9700 §2.5 */
function refute(
  parts: Parts,
  { client, presented, presentation, request }: Trying,
): Promise<string | null> | string | null {
  const { client_id: id, token_endpoint_auth_method: registered } = client.metadata
  const method = clientAuthMethods.find((each) => each.name === registered && each.presentation === presentation)
  if (method === undefined) {
    // Who knows the secret may be told what is wrong; nobody else.
    if (presented.secret !== undefined && isClientSecret(client, presented.secret, parts.runtime.now())) {
      throw new OAuthError('invalid_client', `this client is registered for ${registered}, not ${presentation.name}`)
    }
    return `client "${id}" is registered for ${registered}, and presented ${presentation.name}`
  }
  if (method.available?.(parts) === false) return `${method.name} is not set up at this server`
  return method.refute(parts, { client, presented, request })
}
