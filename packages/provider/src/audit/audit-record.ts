import type { Runtime } from '@latchkey/protocol'
import type { ProviderEvent } from '../events.ts'
import { randomText } from '../random-text.ts'
import type { AuditRecord } from '../store/store.ts'

const timeLength = 11
const serialLength = 6
/** What was wrong may quote what somebody sent: so many signs of it are kept. */
const longestDetail = 500

const security: ReadonlySet<ProviderEvent['type']> = new Set<ProviderEvent['type']>([
  'session.started',
  'session.ended',
  'sign-in.failed',
  'subject.ended',
  'subject.deleted',
  'consent.granted',
  'consent.withdrawn',
  'token.revoked',
  'refresh.reused',
  'code.reused',
  'key.announced',
  'key.dropped',
  'key.compromised',
  'client.registered',
  'client.changed',
  'client.secret-renewed',
  'client.deleted',
  'client.secret-guessed-at',
  'logout.failed',
  'audit.left-out',
])

/** Refusals that are more than an expired token or a mistyped parameter. */
const telling: ReadonlySet<string | undefined> = new Set(['access_denied', 'invalid_client', 'unauthorized_client'])

/** Grants that go on in a family, or have none. */
const withoutNewFamily: ReadonlySet<string | undefined> = new Set([
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
])

/** Whether an event matters to whoever asks later who did what; renewals and machines' own tokens are the noise. */
export function isSecurityEvent({ type, grantType, error }: ProviderEvent): boolean {
  if (type === 'token.issued') return !withoutNewFamily.has(grantType)
  if (isRefusal(type) && type !== 'sign-in.failed') return telling.has(error)
  return security.has(type)
}

/** Events that anybody can cause, as often as they like. */
export function isRefusal(type: ProviderEvent['type']): boolean {
  return (
    type === 'token.refused' ||
    type === 'authorization.refused' ||
    type === 'request.refused' ||
    type === 'sign-in.failed'
  )
}

/** Makes entries of events; of one maker they are ordered as they were made. */
export function createAuditRecords(runtime: Runtime, retentionSeconds: number): (event: ProviderEvent) => AuditRecord {
  let serial = 0
  return ({ type, at, requestId, clientId, sub, actor, familyId, grantType, error, detail }) => {
    serial = (serial + 1) % 16 ** serialLength
    const random = randomText(runtime, 12)
    const now = runtime.now()
    return {
      id: auditIdAt(now) + serial.toString(16).padStart(serialLength, '0') + random,
      type,
      at,
      requestId,
      clientId: clientId ?? null,
      sub: sub ?? null,
      actor: actor ?? null,
      familyId: familyId ?? null,
      grantType: grantType ?? null,
      error: error ?? null,
      detail: detail?.slice(0, longestDetail) ?? null,
      expiresAt: Math.floor(now) + retentionSeconds,
    }
  }
}

/** What the ids of entries from this instant (epoch seconds) on are not smaller than. */
export function auditIdAt(instant: number): string {
  const milliseconds = Math.max(0, Math.floor(instant * 1000))
  return milliseconds.toString(16).padStart(timeLength, '0')
}
