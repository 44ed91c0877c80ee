import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteSessionStore, openSqlite } from '@latchkey/store-sql'
import { type TestBffNode, testBff } from '@latchkey/testing'
import { expect, test } from 'vitest'

test('features 45: two connections to one SQLite file, 40 calls after expiry, one refresh and 40 answers of 200', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-sessions-'))
  const file = join(folder, 'sessions.db')
  const stores = [openSqlite(file), openSqlite(file)].map((database) => createSqliteSessionStore(database))
  const [first, second] = stores
  if (first === undefined || second === undefined) throw new Error('two stores were asked for')
  const house = await testBff({ lifetimes: { access_token: 60 }, bff: { store: first } })
  const other = house.another({ store: second })
  const browser = await house.signIn()
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  const call = (node: TestBffNode) =>
    node.bff.handle(new Request(`${house.origin}/api/messages`, { headers: { cookie, 'x-csrf': '1' } }))
  house.runtime.clock.advance(60)
  const answers = Promise.all(Array.from({ length: 40 }, (_, index) => call(index % 2 === 0 ? house : other)))
  let done = false
  answers.finally(() => {
    done = true
  })
  // The waiting process looks again every tenth of a second of this clock.
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    house.runtime.clock.advance(0.001)
  }
  expect((await answers).map(({ status }) => status)).toEqual(Array(40).fill(200))
  expect(house.refreshes() + other.refreshes()).toBe(1)
  await house.close()
  for (const store of stores) await store.close()
  rmSync(folder, { recursive: true })
})
