/** `typ` of a security event token. @spec RFC 8417 §2.3 */
export const securityEventType = 'secevent+jwt'

/** What was taken back before its time, as it goes from the provider to API guards. */
export interface RevocationEvent {
  readonly kind: RevocationKind
  /** A `jti`, or the id of the family, session, subject, client or key. */
  readonly id: string
  /** Epoch seconds. */
  readonly at: number
  /** Epoch seconds: when nothing that it concerns can still be valid. */
  readonly expiresAt: number
}

export const revocationKinds = ['token', 'family', 'session', 'subject', 'client', 'key'] as const
export type RevocationKind = (typeof revocationKinds)[number]

/** CAEP where it has a type for it, our own namespace otherwise. @spec CAEP 1.0 §3.1 */
const eventTypes: Readonly<Record<RevocationKind, string>> = {
  token: 'urn:latchkey:event:token-revoked',
  family: 'urn:latchkey:event:family-revoked',
  session: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  subject: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  client: 'urn:latchkey:event:client-revoked',
  key: 'urn:latchkey:event:key-revoked',
}

/** The event type of a page of the snapshot. */
export const revocationSnapshotType = 'urn:latchkey:event:revocation-snapshot'

/** The claims that tell of one revocation; the issuer adds `iss`, `aud`, `iat` and `jti`. @spec RFC 8417 §2.2; RFC 9493 §3 */
export function revocationClaims(event: RevocationEvent, issuer: string): Readonly<Record<string, unknown>> {
  const { kind, id, at, expiresAt } = event
  const subject = kind === 'subject' ? { format: 'iss_sub', iss: issuer, sub: id } : { format: 'opaque', id }
  return {
    toe: at,
    sub_id: subject,
    events: { [eventTypes[kind]]: { event_timestamp: at, expires_at: expiresAt } },
  }
}

/** The revocation that verified claims tell of, or null when they tell of something else. */
export function readRevocation(claims: Readonly<Record<string, unknown>>): RevocationEvent | null {
  const subject = asObject(claims.sub_id)
  const [type, event] = Object.entries(asObject(claims.events) ?? {})[0] ?? []
  const members = asObject(event)
  if (subject === null || members === null) return null
  const isSubject = subject.format === 'iss_sub'
  const kind = revocationKinds.find((name) => eventTypes[name] === type && (name === 'subject') === isSubject)
  return kind === undefined
    ? null
    : entry([kind, isSubject ? subject.sub : subject.id, members.event_timestamp, members.expires_at])
}

export interface RevocationPage {
  readonly entries: readonly RevocationEvent[]
  /** What the next page follows. */
  readonly upTo: number
  readonly more: boolean
  /** Where the stream goes on after the last page. */
  readonly cursor: string
}

/** A page of the snapshot, in lists without names: there may be a million entries. */
export function snapshotClaims({ entries, upTo, more, cursor }: RevocationPage): Readonly<Record<string, unknown>> {
  const rows = entries.map(({ kind, id, at, expiresAt }) => [kind, id, at, expiresAt])
  return { events: { [revocationSnapshotType]: { entries: rows, up_to: upTo, more, cursor } } }
}

/** The page that verified claims hold, or null. */
export function readSnapshot(claims: Readonly<Record<string, unknown>>): RevocationPage | null {
  const page = asObject(asObject(claims.events)?.[revocationSnapshotType])
  if (page === null || !Array.isArray(page.entries)) return null
  const { up_to: upTo, more, cursor } = page
  if (typeof upTo !== 'number' || typeof more !== 'boolean' || typeof cursor !== 'string') return null
  const entries: RevocationEvent[] = []
  for (const row of page.entries as unknown[]) {
    const read = Array.isArray(row) ? entry(row) : null
    if (read === null) return null
    entries.push(read)
  }
  return { entries, upTo, more, cursor }
}

function entry([kind, id, at, expiresAt]: readonly unknown[]): RevocationEvent | null {
  const known = revocationKinds.find((name) => name === kind)
  if (known === undefined || typeof id !== 'string' || typeof at !== 'number' || typeof expiresAt !== 'number')
    return null
  return { kind: known, id, at, expiresAt }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, unknown>>) : null
}
