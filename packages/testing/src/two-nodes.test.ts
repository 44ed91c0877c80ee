import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectOAuthError, testProvider } from './test-provider.ts'
import { testRuntime } from './test-runtime.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-nodes-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A provider with a connection of its own to the one file. */
async function node(runtime = testRuntime()) {
  const store = createSqliteStore(openSqlite(join(folder, 'provider.db')))
  const kit = await testProvider({ store, runtime })
  const stop = async () => {
    await kit.close()
    await store.close()
  }
  return { ...kit, stop }
}

describe('two nodes on one SQLite file', () => {
  test('features 14: of eight redeemers of one code at two nodes, exactly one gets tokens', async () => {
    const runtime = testRuntime()
    const nodes = [await node(runtime), await node(runtime)] as const
    const { form } = await nodes[0].code()
    const tries = Array.from({ length: 8 }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].token('web', form))
    const outcomes = await Promise.allSettled(tries)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'invalid_grant' })
    }
    await Promise.all(nodes.map((each) => each.stop()))
  })

  test('features 14, 16: eight concurrent refreshes at two nodes make one successor', async () => {
    const runtime = testRuntime()
    const nodes = [await node(runtime), await node(runtime)] as const
    const first = await nodes[0].signIn()
    const tries = Array.from({ length: 8 }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].refresh(first))
    const answers = await Promise.all(tries)
    expect(new Set(answers.map((tokens) => tokens.refresh_token)).size).toBe(1)
    await Promise.all(nodes.map((each) => each.stop()))
  })

  test('a token issued at one node counts, and is revoked, at the other', async () => {
    const runtime = testRuntime()
    const [here, there] = [await node(runtime), await node(runtime)]
    const jwt = await here.signIn({ resource: 'https://api.example.com', scope: 'openid' })
    const status = async () =>
      (await there.request('/userinfo', { headers: { authorization: `Bearer ${jwt.access_token}` } })).status
    expect(await status()).toBe(200)
    await here.post('/revoke', 'web', { token: jwt.access_token })
    expect(await status()).toBe(401)
    await Promise.all([here.stop(), there.stop()])
  })
})

describe('a restart', () => {
  test('features 19: a sign-in goes on, and what was revoked stays revoked', async () => {
    const runtime = testRuntime()
    const before = await node(runtime)
    const [kept, revoked] = [await before.signIn(), await before.signIn()]
    await before.post('/revoke', 'web', { token: revoked.refresh_token })
    await before.stop()
    const after = await node(runtime)
    expect((await after.refresh(kept)).access_token).toBeTruthy()
    await expectOAuthError(after.refresh(revoked), 'invalid_grant')
    await after.stop()
  })

  test('features 15: an answer lost in the restart itself is given again', async () => {
    const runtime = testRuntime()
    const before = await node(runtime)
    const first = await before.signIn()
    const lost = await before.refresh(first)
    await before.stop()
    const after = await node(runtime)
    expect((await after.refresh(first)).refresh_token).toBe(lost.refresh_token)
    await after.stop()
  })
})
