import { readFileSync } from 'node:fs'
import { clientMetadataFields } from '@latchkey/protocol'
import { defaultLifetimes, statusListBounds } from '@latchkey/provider'
import { expect, test } from 'vitest'
import { auditKeys } from './audit-settings.ts'
import { mutualTlsKeys } from './client-proof-settings.ts'
import { keyScheduleKeys } from './key-settings.ts'
import { topLevelKeys } from './read-config.ts'
import { resourceKeys, userKeys } from './registered.ts'
import { registrationKeys } from './registration-settings.ts'
import { wrongSecretKeys } from './wrong-secret-settings.ts'

const reference = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8')

/** The keys in the first column of the table below a heading. */
function keysBelow(heading: string): readonly string[] {
  const section = reference.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map((row) => row[1] ?? '')
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((name) => name[1] ?? ''))
}

test.each<[string, readonly string[]]>([
  ['Top level', topLevelKeys],
  ['`mutual_tls`', mutualTlsKeys],
  ['`wrong_secrets`', wrongSecretKeys],
  ['`key_schedule`', keyScheduleKeys],
  ['`audit`', auditKeys],
  ['`lifetimes`', Object.keys(defaultLifetimes)],
  ['`clients[]`', Object.keys(clientMetadataFields)],
  ['`users[]`', userKeys],
  ['`client_registration`', registrationKeys],
  ['`resources[]`', resourceKeys],
  ['`status_lists`', Object.keys(statusListBounds)],
])('the reference lists every key and no other: %s', (heading, keys) => {
  expect([...keysBelow(heading)].sort()).toEqual([...keys].sort())
})

test('the reference names the real defaults of the lifetimes', () => {
  for (const [key, seconds] of Object.entries(defaultLifetimes))
    expect(reference).toContain(`| \`${key}\` | ${seconds} |`)
})
