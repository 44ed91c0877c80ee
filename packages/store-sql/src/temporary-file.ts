import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []

/** A database file of its own, gone after the tests of this file. */
export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
  folders.push(folder)
  return join(folder, 'latchkey.db')
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
