import { startProgram } from './processes/child-program.ts'
import { expect, test } from './test.ts'

// Each start of a server takes a second or two, on a busy machine several.
test.setTimeout(240_000)

test('servers and the database killed under load have kept all that they acknowledged over HTTP, and redeemed nothing twice', async () => {
  const drive = startProgram('e2e/drives/store-kills.ts', { args: ['3', '3', '1', '7'] })
  const code = await drive.stop('SIGCONT')
  expect(code, drive.output.stderr).toBe(0)
  expect(drive.output.stdout).toMatch(/^ok {3}SQLite, one server killed 3 times: \d+ facts kept/m)
  expect(drive.output.stdout).toMatch(/^(ok {3}PostgreSQL, nodes killed 3 times, the database 1 times|skipped: )/m)
})
