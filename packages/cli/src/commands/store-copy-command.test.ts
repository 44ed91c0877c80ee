import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '@latchkey/store-sql'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
function copy(from: string, to: string) {
  const args = ['--conditions=source', main, 'store', 'copy', '--from', from, '--to', to]
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
}

test('latchkey store copy says what it cannot copy from and to, and never repeats a password', async () => {
  expect(copy('latchkey.db', 'postgres://x@127.0.0.1/x').stderr).toContain('write sqlite:latchkey.db')
  expect(copy('sqlite:none.db', 'postgres://x@127.0.0.1/x').stderr).toContain('none.db does not exist')
  writeFileSync(join(folder, 'foreign.db'), 'mine')
  expect(copy('sqlite:foreign.db', 'mysql://x').stderr).toContain('write postgres://user@host/database')
  await openSqlite(join(folder, 'data.db')).close()
  const unreached = copy('sqlite:data.db', 'postgres://x:opensesame@127.0.0.1:1/x')
  expect(unreached.status).not.toBe(0)
  expect(unreached.stderr).toContain('the same command goes on where it stopped')
  expect(unreached.stderr).not.toContain('opensesame')
}, 30_000)
