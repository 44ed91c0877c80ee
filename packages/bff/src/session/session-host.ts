import { type ProviderConnection, refreshTokens, revokeToken, type TokenHost, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { BffEvent } from '../events.ts'
import type { BffSessionRecord, SessionStore } from '../session-store/session-store.ts'
import { claimLease, type Lease } from './refresh-lease.ts'
import type { SessionSeal } from './session-seal.ts'

export interface SessionHostParts {
  readonly hash: string
  readonly seal: SessionSeal
  readonly store: SessionStore
  readonly connection: ProviderConnection
  readonly resource: string | undefined
  readonly emit: (event: BffEvent) => void
}

/** A session's tokens as the token manager sees them: sealed rows, renewed by one process at a time. */
export interface SessionHost extends TokenHost {
  /** @throws ProtocolError `session_unreadable`; the row is left as it is. */
  read(): Promise<{ readonly row: BffSessionRecord; readonly tokens: TokenSet } | null>
}

export function createSessionHost(parts: SessionHostParts): SessionHost {
  const { hash, seal, store, connection, emit } = parts
  const { runtime } = connection
  let lease: Lease | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function read() {
    const row = await store.load(hash, runtime.now())
    if (row === null) return null
    try {
      return { row, tokens: seal.open(row.sealedTokens) }
    } catch (error) {
      emit({ type: 'session_unreadable', session: hash, cause: error })
      throw error
    }
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    lease = await claimLease({ hash, store, runtime })
    try {
      return await work()
    } finally {
      await lease?.release()
      lease = null
    }
  }

  async function save(tokens: TokenSet): Promise<void> {
    const outcome = lease === null ? 'gone' : await lease.commit(seal.seal(tokens))
    if (outcome === 'committed') return
    if (outcome === 'superseded') throw takenOver()
    // Signed out meanwhile: what this renewal brought must not outlive the session.
    if (tokens.refreshToken !== null) {
      revokeToken(connection, tokens.refreshToken, 'refresh_token').catch((cause: unknown) =>
        emit({ type: 'revocation_failed', session: hash, cause }),
      )
    }
    throw new ProtocolError('not_signed_in', 'the session ended meanwhile: sign in again')
  }

  return {
    read,
    save,
    load: async () => (await read())?.tokens ?? null,
    /** In this process in order of arrival, among processes by the store's lease: `lease` belongs to one turn. */
    exclusive(work) {
      const mine = turn.then(() => run(work))
      turn = mine.catch(() => undefined)
      return mine
    },
    async refresh(tokens) {
      try {
        const renewed = await refreshTokens(connection, tokens, resourceOf(parts.resource))
        emit({ type: 'tokens_renewed', session: hash, renewals: renewed.renewals })
        return renewed
      } catch (cause) {
        if (tokens.refreshToken !== null) emit({ type: 'renewal_failed', session: hash, cause })
        throw cause
      }
    },
    async end() {
      const current = await read()
      // Without a refresh token the person is still signed in here; only the API is out of reach.
      if (current === null || current.tokens.refreshToken === null) return
      // Another process renews by now: what the provider refused may be what that one has just used up.
      if (lease === null || !(await lease.isHeld())) throw takenOver()
      await store.revoke({ hash }, runtime.now())
      emit({ type: 'session_ended', session: hash, because: 'refresh_rejected' })
    },
  }
}

function takenOver(): ProtocolError {
  return new ProtocolError('unreachable', 'another process took the renewal over: try again', {
    retryable: true,
    retryAfterSeconds: 1,
  })
}

export function resourceOf(resource: string | undefined): { readonly resource?: string } {
  return resource === undefined ? {} : { resource }
}
