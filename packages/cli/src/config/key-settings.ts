import { resolve } from 'node:path'
import type { ProviderOptions } from '@latchkey/provider'
import { below, listOf, type Members, type Problems, readMember, readMembers, text, wholeNumber } from './shape.ts'

/** The life of signing keys, and what scopes tell of people. */
export interface KeySettings {
  readonly keySchedule: NonNullable<ProviderOptions['keySchedule']>
  /** Absolute paths of key files that still open what the newer one does not. */
  readonly olderEncryptionKeyFiles: readonly string[]
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

export const keySettingKeys = ['older_encryption_key_files', 'key_schedule', 'scopes']
export const keyScheduleKeys = ['rotate', 'announce', 'keep']

const hundredYears = 3_153_600_000

export function readKeySettings(
  { problems, directory }: { readonly problems: Problems; readonly directory: string },
  members: Members,
): KeySettings {
  const key = 'older_encryption_key_files'
  const files = readMember(problems, members, { path: '', key, read: listOf(text), fallback: [] })
  return {
    keySchedule: readKeySchedule(problems, members.key_schedule ?? {}),
    olderEncryptionKeyFiles: files.map((file) => resolve(directory, file)),
    scopes: readScopes(problems, members.scopes ?? {}),
  }
}

function readKeySchedule(problems: Problems, value: unknown): KeySettings['keySchedule'] {
  const path = 'key_schedule'
  const schedule: Record<string, number> = {}
  for (const [key, seconds] of Object.entries(readMembers(problems, { path, value, known: keyScheduleKeys }))) {
    const read = wholeNumber(1, hundredYears)(problems, { path: below(path, key), value: seconds })
    if (read !== undefined) schedule[key] = read
  }
  return schedule
}

function readScopes(problems: Problems, value: unknown): KeySettings['scopes'] {
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const members = readMembers(problems, { path: 'scopes', value, known })
  return Object.fromEntries(
    known.map((key) => [key, readMember(problems, members, { path: 'scopes', key, read: listOf(text), fallback: [] })]),
  )
}
