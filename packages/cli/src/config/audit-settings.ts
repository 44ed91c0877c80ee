import { type AuditOptions, auditLevels } from '@latchkey/provider'
import { type Members, oneOf, type Problems, readMember, readMembers, wholeNumber } from './shape.ts'

/** What the audit trail keeps. */
export interface AuditSettings {
  readonly audit: AuditOptions
}

export const auditKeys = ['level', 'retention']

const hundredYears = 3_153_600_000

export function readAuditSettings(problems: Problems, members: Members): AuditSettings {
  const path = 'audit'
  const given = readMembers(problems, { path, value: members.audit ?? {}, known: auditKeys })
  const level = readMember(problems, given, { path, key: 'level', read: oneOf(...auditLevels), fallback: undefined })
  const read = wholeNumber(1, hundredYears)
  const retention = readMember(problems, given, { path, key: 'retention', read, fallback: undefined })
  return { audit: { ...(level === undefined ? {} : { level }), ...(retention === undefined ? {} : { retention }) } }
}
