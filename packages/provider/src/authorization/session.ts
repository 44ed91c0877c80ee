import type { Account } from '../accounts.ts'
import { hashHandle, mac, newHandle, newId } from '../crypto.ts'
import { announceLogout } from '../logout/announce-logout.ts'
import { browserStateCookie, endBrowserState } from '../logout/browser-state.ts'
import type { Parts } from '../parts.ts'
import type { SessionRecord } from '../store/store.ts'
import { cookieName, readCookies, setCookie } from './cookies.ts'

/** A person signed in at the provider, in the browser that asks. */
export interface Session {
  readonly record: SessionRecord
  readonly account: Account
}

const name = 'latchkey_session'

/** The session that the request's cookie names, while it lives and its account exists. */
export async function currentSession(parts: Parts, request: Request): Promise<Session | null> {
  const handle = readCookies(request).get(cookieName(parts, name))
  const hash = handle === undefined ? null : hashHandle(handle)
  const record = hash === null ? null : await parts.store.sessions.find(hash, parts.runtime.now())
  const account = record === null ? null : await parts.accounts.find(record.sub)
  if (record === null || account === null) return null
  await noteUse(parts, record)
  return { record, account }
}

/** How exactly it is known when a session was used last: a write so often at most. */
const useSeconds = 300

/** For the person alone, so that nothing fails where it cannot be written. */
async function noteUse({ store, runtime }: Parts, { hash, authTime, usedAt = authTime }: SessionRecord): Promise<void> {
  const now = Math.floor(runtime.now())
  if (now - usedAt >= useSeconds) await store.sessions.use(hash, now).catch(() => false)
}

interface NewSession {
  readonly sub: string
  readonly amr: readonly string[]
  readonly before: Session | null
  readonly device: NonNullable<SessionRecord['device']>
  /** Of the request that signed in, for the trail. */
  readonly requestId: string
}

/**
 * Starts a session under a new id, and ends the one before in the same step, so that an id known before sign-in is worth
 * nothing after it, and tells the trail. The same person keeps the public session id, under which all their tokens end together.
 * @param beside what is written at the same time, and means nothing without the session
 * @returns what to send as `Set-Cookie`
 */
export async function startSession(
  parts: Parts,
  who: NewSession,
  beside: (record: SessionRecord) => Promise<unknown>,
): Promise<{ record: SessionRecord; cookies: readonly string[] }> {
  const { handle, hash } = newHandle(parts.runtime)
  const now = Math.floor(parts.runtime.now())
  const same = who.before?.record.sub === who.sub ? who.before.record : undefined
  const record: SessionRecord = {
    hash,
    sid: same?.sid ?? newId(parts.runtime),
    sub: who.sub,
    authTime: now,
    amr: who.amr,
    acr: null,
    expiresAt: now + parts.lifetimes.session,
    startedAt: same?.startedAt ?? same?.authTime ?? now,
    device: who.device,
  }
  // Another person took the browser over: for the one before, this is a sign-out, and the store makes it one.
  const other = same === undefined ? who.before?.record : undefined
  const about = { at: parts.runtime.now(), requestId: who.requestId }
  const started = parts.tellOf(
    () => parts.store.sessions.create(record, who.before?.record.hash ?? null),
    () => [
      ...(other === undefined ? [] : [{ type: 'session.ended' as const, ...about, sub: other.sub }]),
      { type: 'session.started', ...about, sub: who.sub },
    ],
  )
  await Promise.all([started, beside(record)])
  if (other !== undefined) parts.logoutWork.announce()
  const cookie = { name: cookieName(parts, name), value: handle, maxAge: parts.lifetimes.session }
  return { record, cookies: [setCookie(parts, cookie), browserStateCookie(parts, record)] }
}

/**
 * Ends the session and every token family that was given out in it, in one step, and tells the trail and the clients.
 * @returns what to send as `Set-Cookie`, and what the page that says goodbye has to load for clients told by the browser
 */
export async function endSession(
  parts: Parts,
  { record }: Session,
  requestId: string,
): Promise<{ cookies: readonly string[]; frames: readonly string[] }> {
  const { sub, sid } = record
  const at = parts.runtime.now()
  await parts.tellOf(
    () => parts.store.sessions.endOf(sub, { only: sid }, Math.floor(at)),
    () => [{ type: 'session.ended', at, requestId, sub }],
  )
  const frames = await announceLogout(parts, sid)
  return {
    cookies: [setCookie(parts, { name: cookieName(parts, name), value: '', maxAge: 0 }), endBrowserState(parts)],
    frames,
  }
}

/** What a form of this session carries, so that no other site and no other session can send it. */
export function formTokenOf(parts: Pick<Parts, 'formKey'>, session: Pick<SessionRecord, 'hash'>): string {
  return mac(parts.formKey, `form ${session.hash}`)
}
