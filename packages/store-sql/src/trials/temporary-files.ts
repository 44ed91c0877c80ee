import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Database files for tests, each in a folder of its own; `remove` takes them all away. */
export function temporaryFiles(): { readonly next: () => string; readonly remove: () => void } {
  const folders: string[] = []
  return {
    next() {
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
      folders.push(folder)
      return join(folder, 'latchkey.db')
    },
    remove() {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
    },
  }
}
