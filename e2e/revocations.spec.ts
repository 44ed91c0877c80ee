import { startProgram } from './processes/child-program.ts'
import { expect, test } from './test.ts'

// Two nodes and three guards begin, some of them twice; on a busy machine that takes a while.
test.setTimeout(180_000)

test('features 19: nothing revoked is accepted past the limit while nodes and guards are killed and the network is cut', async () => {
  const drive = startProgram('e2e/drives/revocations.ts', { args: ['30', '6', '3'] })
  const code = await drive.exited
  expect(code, drive.output.stderr).toBe(0)
  expect(drive.output.stdout.match(/^ok {3}/gm)).toHaveLength(5)
})
