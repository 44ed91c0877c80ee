import { expect, test } from 'vitest'
import { readAuditSettings } from './audit-settings.ts'

function read(audit: unknown) {
  const problems: string[] = []
  const settings = readAuditSettings({ add: (path, what) => void problems.push(`${path}: ${what}`) }, { audit })
  return { problems, audit: settings.audit }
}

test('the audit trail is left to its defaults, or told what to keep and for how long', () => {
  expect(read(undefined)).toEqual({ problems: [], audit: {} })
  const audit = { level: 'all', retention: 31_536_000 }
  expect(read(audit)).toEqual({ problems: [], audit })
})

test('what it cannot be told is said with its place, all at once', () => {
  expect(read({ level: 'loud', retention: 0, retentoin: 1 }).problems).toEqual([
    'audit.retentoin: unknown key "retentoin"; did you mean "retention"?',
    'audit.level: must be one of "security", "all", "off"',
    'audit.retention: must be a whole number from 1 to 3153600000, not 0',
  ])
  expect(read('security').problems).toEqual(['audit: must be an object'])
})
