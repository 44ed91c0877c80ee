import { createTokenManager, type ProviderConnection, type TokenManager, type TokenSet } from '@latchkey/client'
import { createRecentlyUsed, ProtocolError, type ServerMetadata } from '@latchkey/protocol'
import type { PrivateJwk } from '../crypto.ts'
import type { BffEvent } from '../events.ts'
import { readCookie, setCookie } from '../http/cookies.ts'
import { type BffRequest, headerOf } from '../http/request.ts'
import type { BffSessionRecord, SessionStore } from '../session-store/session-store.ts'
import type { Settings } from '../settings.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { createProver, type Nonces, type Prover } from './dpop-keys.ts'
import { everySession } from './every-session.ts'
import { heldTokens, type TokenTarget, targetKey } from './held-tokens.ts'
import { newSessionCookie, parseSessionCookie, type SessionCookie } from './session-cookie.ts'
import { createSessionHost, type OpenedSession, type SessionHost } from './session-host.ts'
import { createSessionSeal, type SessionSeal } from './session-seal.ts'

/** One browser's session in this process: every request with its cookie shares one token manager. */
export interface Session {
  readonly hash: string
  readonly seal: SessionSeal
  readonly host: SessionHost
  /** The manager of one audience's access token; all audiences of a session take turns. */
  tokens(target: TokenTarget): TokenManager
  /** What proves that a bound token is ours; null while there is no such token. */
  prover(): Promise<Prover | null>
  readonly connection: ProviderConnection
  /** The row, its idle end moved on; null when nobody is signed in. @throws ProtocolError `session_unreadable` */
  open(options?: { readonly slide?: boolean }): Promise<OpenedSession | null>
}

export interface NewSession {
  readonly sub: string
  readonly replaces: string | null
  /** What the tokens are bound to. */
  readonly dpopKey: PrivateJwk | undefined
}

export interface Sessions {
  /** The session that the request's cookie names, whether or not it lives; null without a cookie of ours. */
  of(request: BffRequest): Session | null
  /** Starts a session under a new id, in one step with the end of the one it `replaces`; returns its `Set-Cookie`. */
  start(tokens: TokenSet, options: NewSession): Promise<string>
  /** The same session under a new id, in one step with the end of the old one; returns its `Set-Cookie`. */
  renewId(session: Session): Promise<string>
  /** Tombstones a session; a renewal in flight can no longer write to it. */
  end(session: Session): Promise<void>
  readonly clearedCookie: string
}

export interface SessionsParts {
  readonly settings: Settings
  readonly clientId: string
  readonly store: SessionStore
  readonly connection: ProviderConnection
  readonly breaker: CircuitBreaker
  readonly nonces: Nonces
  readonly emit: (event: BffEvent) => void
}

/** Sessions kept warm: key derivation and single flight live here. Any may be forgotten; the store has it all. */
const keptSessions = 10_000

export function createSessions(parts: SessionsParts): Sessions {
  const { settings, store, connection, emit } = parts
  const { jar } = settings
  const { runtime } = connection
  const kept = createRecentlyUsed<Session>(keptSessions)

  return {
    of(request) {
      const value = readCookie(headerOf(request, 'cookie'), jar.sessionName)
      const known = value === undefined ? undefined : kept.get(value)
      if (known !== undefined) return known
      const cookie = parseSessionCookie(value)
      if (cookie === null) return null
      const session = createSession(parts, cookie)
      kept.set(cookie.value, session)
      return session
    },
    async start(tokens, { sub, replaces, dpopKey }) {
      const cookie = newSessionCookie(runtime)
      const seal = createSessionSeal({ keys: settings.sessionKeys, cookie, runtime })
      const now = runtime.now()
      const absoluteExpiresAt = now + settings.absoluteSeconds
      const sid = tokens.claims?.sid
      await store.create(
        {
          hash: cookie.hash,
          sub,
          sid: typeof sid === 'string' ? sid : null,
          clientId: parts.clientId,
          sealedTokens: seal.seal(
            heldTokens(tokens, targetKey({ ...settings.target, dpop: dpopKey !== undefined }), dpopKey),
          ),
          version: 1,
          createdAt: now,
          lastSeenAt: now,
          idleExpiresAt: Math.min(now + settings.idleSeconds, absoluteExpiresAt),
          absoluteExpiresAt,
        },
        replaces,
      )
      await endOldest(parts, { hash: cookie.hash, sub })
      emit({ type: 'signed_in', session: cookie.hash, sub })
      return setCookie(jar.sessionName, cookie.value, jar)
    },
    renewId: (session) =>
      // Inside a turn: what a renewal brings must not be written to an id that is no more.
      session.host.exclusive(async () => {
        const opened = await session.host.read()
        if (opened === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
        const cookie = newSessionCookie(runtime)
        const seal = createSessionSeal({ keys: settings.sessionKeys, cookie, runtime })
        const { row, held } = opened
        await store.create({ ...row, hash: cookie.hash, sealedTokens: seal.seal(held) }, row.hash)
        return setCookie(jar.sessionName, cookie.value, jar)
      }),
    async end(session) {
      await store.revoke({ hash: session.hash }, runtime.now(), 'signed_out')
      emit({ type: 'signed_out', session: session.hash })
    },
    clearedCookie: setCookie(jar.sessionName, '', { ...jar, maxAgeSeconds: 0 }),
  }
}

function createSession(parts: SessionsParts, cookie: SessionCookie): Session {
  const { settings, store, connection, breaker, nonces, emit } = parts
  const { runtime } = connection
  const { hash } = cookie
  const seal = createSessionSeal({ keys: settings.sessionKeys, cookie, runtime })
  const { leaseSeconds, requestSeconds } = settings
  const graceSeconds = () => refreshGrace(settings, connection)
  let prover: { readonly jwk: PrivateJwk; readonly made: Prover } | null = null
  const proverOf = (jwk: PrivateJwk): Prover => {
    if (prover?.jwk.d !== jwk.d) prover = { jwk, made: createProver(jwk, { runtime, nonces }) }
    return prover.made
  }
  const host = createSessionHost({
    hash,
    seal,
    store,
    connection,
    breaker,
    leaseSeconds,
    requestSeconds,
    graceSeconds,
    proverOf,
    emit,
  })
  const managers = new Map<string, TokenManager>()
  return {
    hash,
    seal,
    host,
    tokens(target) {
      const key = targetKey(target)
      const known = managers.get(key)
      if (known !== undefined) return known
      const fresh = createTokenManager({ host: host.audience(target), runtime })
      managers.set(key, fresh)
      return fresh
    },
    async prover() {
      const key = (await host.read())?.held.dpopKey
      return key === undefined ? null : proverOf(key)
    },
    connection,
    async open({ slide = true } = {}) {
      const current = await host.read()
      if (current === null || !slide) return current
      const now = runtime.now()
      // A write a minute is enough: the idle end is a matter of hours.
      if (now - current.row.lastSeenAt < Math.min(60, settings.idleSeconds / 10)) return current
      const idleExpiresAt = Math.min(now + settings.idleSeconds, current.row.absoluteExpiresAt)
      if (!(await store.touch(hash, { now, idleExpiresAt }))) return null
      return { ...current, row: { ...current.row, lastSeenAt: now, idleExpiresAt } }
    },
  }
}

/** As configured, else as the provider says of itself, else none. */
async function refreshGrace(settings: Settings, connection: ProviderConnection): Promise<number> {
  if (settings.graceSeconds !== undefined) return settings.graceSeconds
  const { refresh_token_grace_seconds: told } = await connection.metadata().catch(() => ({}) as ServerMetadata)
  return typeof told === 'number' && told > 0 ? told : 0
}

/**
 * A person's sessions beyond the limit end, those that began first before the others, and none that began after the new one: of
 * two that begin at once each would end the other. Their hashes are in the order of their making.
 */
async function endOldest(
  { settings, clientId, store, connection, emit }: SessionsParts,
  { hash: newest, sub }: Pick<BffSessionRecord, 'hash' | 'sub'>,
): Promise<void> {
  const { runtime } = connection
  if (settings.sessionsPerUser === undefined) return
  const all: string[] = []
  for await (const row of everySession(store, { sub }, runtime.now)) if (row.clientId === clientId) all.push(row.hash)
  const excess = Math.max(0, all.length - settings.sessionsPerUser)
  const before = all.filter((hash) => hash < newest).sort()
  for (const hash of before.slice(0, excess)) {
    if ((await store.revoke({ hash }, runtime.now(), 'limit')) > 0)
      emit({ type: 'session_ended', session: hash, because: 'limit' })
  }
}
