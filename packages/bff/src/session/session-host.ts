import { type ProviderConnection, refreshTokens, revokeToken, type TokenHost, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { generatePrivateJwk, type PrivateJwk } from '../crypto.ts'
import type { BffEvent } from '../events.ts'
import type { BffSessionRecord } from '../session-store/session-store.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { Prover } from './dpop-keys.ts'
import { type HeldTokens, type TokenTarget, targetKey, viewOf, withTokens } from './held-tokens.ts'
import { claimLease, isTakenOver, type Lease, type LeaseParts, takenOver } from './refresh-lease.ts'
import type { SessionSeal } from './session-seal.ts'

export interface SessionHostParts extends Omit<LeaseParts, 'runtime'> {
  readonly seal: SessionSeal
  readonly connection: ProviderConnection
  readonly breaker: CircuitBreaker
  readonly proverOf: (key: PrivateJwk) => Prover
  readonly emit: (event: BffEvent) => void
}

/** A session that could be opened. */
export interface OpenedSession {
  readonly row: BffSessionRecord
  readonly held: HeldTokens
}

/** A session's tokens: sealed rows, written by one caller of one process at a time. */
export interface SessionHost {
  /** @throws ProtocolError `session_unreadable`; the row is left as it is. */
  read(): Promise<OpenedSession | null>
  /** In this process in order of arrival, among processes by the store's lease. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /** Writes what the session holds from now on. Called inside `exclusive`. */
  commit(held: HeldTokens): Promise<void>
  /** Runs a request that uses the refresh token up, over a connection that announces it. Called inside `exclusive`. */
  ask<T>(work: (connection: ProviderConnection) => Promise<T>): Promise<T>
  /** One audience's tokens as the token manager sees them. */
  audience(target: TokenTarget): TokenHost
}

/** Turns that one renewal may lose to other processes before its callers are told to come back. */
const attempts = 5

export function createSessionHost(parts: SessionHostParts): SessionHost {
  const { hash, seal, store, connection, emit } = parts
  const { runtime } = connection
  let lease: Lease | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function read(): Promise<OpenedSession | null> {
    const row = await store.load(hash, runtime.now())
    if (row === null) return null
    try {
      return { row, held: seal.open(row.sealedTokens) }
    } catch (error) {
      emit({ type: 'session_unreadable', session: hash, cause: error })
      throw error
    }
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      lease = await claimLease({ ...parts, runtime })
      try {
        return await work()
      } catch (error) {
        // Somebody else renews: in our next turn there is most likely nothing left to do.
        if (!isTakenOver(error) || attempt === attempts) throw error
      } finally {
        // What cannot be given back runs out by itself.
        await lease?.release().catch(() => undefined)
        lease = null
      }
    }
  }

  const host: SessionHost = {
    read,
    /** `lease` belongs to one turn. */
    exclusive(work) {
      const mine = turn.then(() => run(work))
      turn = mine.catch(() => undefined)
      return mine
    },
    async commit(held) {
      const outcome = lease === null ? 'gone' : await lease.commit(seal.seal(held))
      if (outcome === 'committed') return
      if (outcome === 'superseded') throw takenOver()
      // Signed out meanwhile: what this renewal brought must not outlive the session.
      if (held.refreshToken !== null) {
        revokeToken(connection, held.refreshToken, 'refresh_token').catch((cause: unknown) =>
          emit({ type: 'revocation_failed', session: hash, cause }),
        )
      }
      throw new ProtocolError('not_signed_in', 'the session ended meanwhile: sign in again')
    },
    async ask(work) {
      if (lease === null) throw takenOver()
      return lease.ask((announce) => work(announcing(connection, announce)))
    },
    audience: (target) => ({
      ...audienceTokens(parts, host, target),
      exclusive: host.exclusive,
      async end() {
        const current = await read()
        // Without a refresh token the person is still signed in here; only the API is out of reach.
        if (current === null || current.held.refreshToken === null) return
        // Another process renews by now: what the provider refused may be what that one has just used up.
        if (lease === null || !(await lease.isHeld())) throw takenOver()
        await store.revoke({ hash }, runtime.now(), 'refresh_rejected')
        emit({ type: 'session_ended', session: hash, because: 'refresh_rejected' })
      },
    }),
  }
  return host
}

type AudienceTokens = Pick<TokenHost, 'load' | 'save' | 'refresh'>

function audienceTokens(parts: SessionHostParts, host: SessionHost, target: TokenTarget): AudienceTokens {
  const { hash, breaker, emit } = parts
  const key = targetKey(target)
  /** Kept with the first tokens that are bound to it. */
  let made: PrivateJwk | undefined
  const renew = async (asking: ProviderConnection, tokens: TokenSet): Promise<TokenSet> => {
    const kept = (await host.read())?.held.dpopKey
    const boundTo = (key: PrivateJwk) => refreshTokens({ ...asking, dpop: parts.proverOf(key).key }, tokens, target)
    if (target.dpop === true) {
      made = kept ?? made ?? generatePrivateJwk()
      return boundTo(made)
    }
    try {
      return await refreshTokens(asking, tokens, target)
    } catch (error) {
      // Some providers bind all that a session gets once one of its tokens is bound; nothing was used up yet.
      if (kept === undefined || !(error instanceof ProtocolError) || !wantsProof(error)) throw error
      return boundTo(kept)
    }
  }
  const load = async (): Promise<TokenSet | null> => {
    const opened = await host.read()
    return opened === null ? null : viewOf(opened.held, key)
  }
  return {
    load,
    async save(tokens) {
      const opened = await host.read()
      const before = opened?.held ?? { ...tokens, access: {} }
      await host.commit(withTokens(made === undefined ? before : { dpopKey: made, ...before }, key, tokens))
      emit({ type: 'tokens_renewed', session: hash, renewals: tokens.renewals })
    },
    async refresh(tokens) {
      try {
        return await breaker.run(() => host.ask((asking) => renew(asking, tokens)))
      } catch (cause) {
        if (tokens.refreshToken !== null) emit({ type: 'renewal_failed', session: hash, cause })
        throw cause
      }
    },
  }
}

/** What a provider may say of a proof that it misses. @spec RFC 6749 §5.2; RFC 9449 §5 */
function wantsProof({ oauthError }: ProtocolError): boolean {
  return oauthError === 'invalid_request' || oauthError === 'invalid_dpop_proof'
}

/** What is posted uses the token up; keys and metadata may be fetched by anyone at any time. */
function announcing(connection: ProviderConnection, announce: () => Promise<void>): ProviderConnection {
  return {
    ...connection,
    async send(url, init) {
      if (init.method === 'POST') await announce()
      return connection.send(url, init)
    },
  }
}
