import { OAuthError } from '@latchkey/protocol'
import type { Authorization, Proof } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import type { Soon } from '../soon.ts'
import type { Issued } from '../store/store.ts'
import { idleEnd, type NewRefreshToken, repeatSuccessor } from './refresh-token.ts'

/** Who asked, for events. */
export interface Asking {
  readonly requestId: string
  readonly grantType: string
}

interface Writing {
  readonly issued: Issued
  readonly refresh: NewRefreshToken | null
  readonly asking: Asking
  readonly now: number
}

/**
 * Writes what is issued in the one atomic step of what was presented.
 * @returns the refresh token to send, if any
 * @throws OAuthError `invalid_grant` when that step finds what was presented used, expired or ended
 */
export function commitTokens(parts: Parts, authorization: Authorization, writing: Writing): Soon<string | undefined> {
  const { proof } = authorization
  if (proof.kind === 'client') return writeAlone(parts, writing.issued)
  if (proof.kind === 'refresh') return renew(parts, authorization, { ...writing, proof })
  return handOut(parts, authorization, { ...writing, proof })
}

/** Of a token that belongs to no family there is a row, or the place of its status, or nothing. */
function writeAlone({ store }: Parts, { accessToken, status }: Issued): Soon<undefined> {
  if (accessToken !== null) return store.accessTokens.create(accessToken).then(nothing)
  return status === undefined ? undefined : store.statusLists.enter(status).then(nothing)
}

function nothing(): undefined {}

async function handOut(
  parts: Parts,
  authorization: Authorization,
  { proof, ...writing }: Writing & { readonly proof: Once },
): Promise<string | undefined> {
  const outcome = await redeem(parts, proof, writing)
  if (outcome === 'redeemed') return writing.refresh === null ? undefined : handedOut(parts, writing.refresh)
  throw refused(parts, authorization, { asking: writing.asking, reused: outcome === 'reused' ? 'code.reused' : null })
}

/** The value of a refresh token that was written. */
function handedOut({ issuedHere }: Parts, { value, record }: NewRefreshToken): string {
  issuedHere.refreshTokens.note(record)
  return value
}

type Once = Exclude<Proof, { kind: 'client' | 'refresh' }>

async function redeem({ store }: Parts, proof: Once, { issued, now }: Writing) {
  if (proof.kind === 'code') return store.codes.redeem(proof.hash, issued, now)
  if (proof.kind === 'pending') return store.pendingGrants.redeem(proof.hash, issued, now)
  // @spec RFC 7523 §3: remembered before anything is issued, so that two callers never both succeed
  if (proof.once !== undefined && !(await store.replays.remember(proof.once.key, proof.once.expiresAt, now))) {
    return 'unknown'
  }
  return (await store.families.begin(issued, now)) ? 'redeemed' : 'unknown'
}

type Refresh = Extract<Proof, { kind: 'refresh' }>

async function renew(
  parts: Parts,
  authorization: Authorization,
  { issued, refresh, asking, now, proof }: Writing & { readonly proof: Refresh },
): Promise<string> {
  const { handle, record } = proof
  if (!proof.rotates) {
    const renewal = { issued, expiresAt: idleEnd(parts, record, now) }
    const outcome = await parts.store.refreshTokens.extend(record.hash, renewal, now)
    if (outcome === 'extended') return handle
    throw refused(parts, authorization, { asking, reused: null })
  }
  if (refresh === null || refresh.sealed === null) throw new Error('a rotation without a successor')
  const rotation = await parts.store.refreshTokens.rotate(
    record.hash,
    { issued, sealedSuccessor: refresh.sealed },
    { now, graceSeconds: parts.lifetimes.refresh_token_grace },
  )
  if (rotation.outcome === 'rotated') return handedOut(parts, refresh)
  if (rotation.outcome === 'replayed') return repeatSuccessor(parts, handle, rotation.sealedSuccessor)
  throw refused(parts, authorization, { asking, reused: rotation.outcome === 'reused' ? 'refresh.reused' : null })
}

const words: Readonly<Record<Proof['kind'], string>> = {
  client: 'client',
  code: 'code',
  refresh: 'refresh token',
  pending: 'request',
  token: 'token',
}

/** The store has ended the family already; this tells of it. @spec RFC 6749 §4.1.2; RFC 9700 §4.14.2 */
function refused(
  parts: Parts,
  { grounds, proof }: Authorization,
  { asking, reused }: { asking: Asking; reused: 'code.reused' | 'refresh.reused' | null },
): OAuthError {
  const what = words[proof.kind]
  // @spec RFC 8693 §2.2.2
  const code = proof.kind === 'token' && proof.once === undefined ? 'invalid_request' : 'invalid_grant'
  if (reused === null) return new OAuthError(code, `the ${what} is unknown, expired, used or revoked`)
  const { clientId, sub, familyId } = grounds
  parts.emit({ type: reused, at: parts.runtime.now(), ...asking, clientId, sub, familyId })
  // Not in the batch that waits for more: it may be the one trace of a theft.
  void parts.audit.settled()
  return new OAuthError('invalid_grant', `the ${what} was used before; every token of its session has been ended`)
}
