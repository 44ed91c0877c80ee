import { ConfigError, ProtocolError } from '@latchkey/protocol'
import type { BffEvent } from '../events.ts'
import type { BffRequest } from '../http/request.ts'
import type { BffSessionRecord, SessionFilter, SessionStore } from '../session-store/session-store.ts'
import { everySession, pageSize } from './every-session.ts'
import type { Sessions } from './sessions.ts'

/** One signed-in browser, without anything that opens it. */
export interface SessionSummary {
  /** The stored key: safe to show, worth nothing as a cookie. */
  readonly id: string
  readonly sub: string
  readonly sid: string | null
  readonly clientId: string
  /** Epoch seconds. */
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** Which sessions: one, a person's, those of one session at the provider, or all of this front end's client. */
export type SessionQuery =
  | { readonly id: string }
  | { readonly sub: string }
  | { readonly sid: string }
  | { readonly all: true }

export interface SessionAdministration {
  /** Live sessions in the order of their making; `after` is the last id of the page before. `limit` is 100 unless given. */
  list(
    query: SessionQuery,
    page?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly SessionSummary[]>
  /** Ends what the query names, on every node; `except` spares the session of this request. Resolves with how many. */
  revoke(query: SessionQuery, options?: { readonly except?: BffRequest }): Promise<number>
  /**
   * Gives the session of this request a new id, as is due when its rights change without a new sign-in; the old id is
   * worth nothing from then on. Resolves with the `Set-Cookie` to send. @throws ProtocolError `not_signed_in`
   */
  renewId(request: BffRequest): Promise<string>
}

export interface AdministrationParts {
  readonly store: SessionStore
  readonly sessions: Sessions
  readonly clientId: string
  readonly now: () => number
  readonly emit: (event: BffEvent) => void
}

export function createSessionAdministration(parts: AdministrationParts): SessionAdministration {
  const { store, sessions, now, emit } = parts
  const filterOf = (query: SessionQuery): SessionFilter => {
    if ('id' in query) return { hash: query.id }
    if ('sub' in query) return { sub: query.sub }
    return 'sid' in query ? { sid: query.sid, clientId: parts.clientId } : { clientId: parts.clientId }
  }
  return {
    async list(query, { after, limit = pageSize } = {}) {
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) {
        throw new ConfigError(['limit: must be a whole number from 1 to 1000'])
      }
      const page = { limit, now: now(), ...(after === undefined ? {} : { after }) }
      return (await store.list(filterOf(query), page)).map(summaryOf)
    },
    async revoke(query, { except } = {}) {
      const spared = except === undefined ? undefined : sessions.of(except)?.hash
      let ended = 0
      for await (const { hash } of everySession(store, filterOf(query), now)) {
        if (hash === spared || (await store.revoke({ hash }, now(), 'revoked')) === 0) continue
        emit({ type: 'session_ended', session: hash, because: 'revoked' })
        ended++
      }
      return ended
    },
    async renewId(request) {
      const session = sessions.of(request)
      if (session === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
      return sessions.renewId(session)
    },
  }
}

function summaryOf(row: BffSessionRecord): SessionSummary {
  const { hash, sub, sid, clientId, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt } = row
  return {
    id: hash,
    sub,
    sid,
    clientId,
    createdAt,
    lastSeenAt,
    expiresAt: Math.min(idleExpiresAt, absoluteExpiresAt),
  }
}
