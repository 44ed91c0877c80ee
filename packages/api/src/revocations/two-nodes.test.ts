import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { client, listen, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { createApiGuard } from '../api-guard.ts'

const clientSecret = 'guard-secret-guard-secret-guard'

test('features 19: what one provider node revokes, a guard that follows the other node refuses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nodes-'))
  const runtime = testRuntime({ now: Math.floor(systemRuntime.now()) })
  const databases = [openSqlite(join(folder, 'both.db')), openSqlite(join(folder, 'both.db'))]
  const moreClients = [
    client({ client_id: 'guard', client_secret: clientSecret, grant_types: [], revocation_feed: true }),
  ]
  const server = await listen((request) => nodes[1]?.provider.fetch(request) ?? new Response(null, { status: 503 }))
  const nodes: Awaited<ReturnType<typeof testProvider>>[] = []
  for (const database of databases) {
    nodes.push(await testProvider({ issuer: server.origin, runtime, moreClients, store: createSqliteStore(database) }))
  }
  const [first] = nodes
  if (first === undefined) throw new Error('there are two nodes')
  const revocations = { clientId: 'guard', clientSecret }
  const guard = createApiGuard({ issuer: server.origin, audience: testApi, runtime, revocations })
  await guard.ready()
  const { access_token: token } = await first.signIn({ scope: 'read:messages', resource: testApi })
  const outcome = async () => (await guard.authenticate({ authorization: `Bearer ${token}` })).outcome
  expect(await outcome()).toBe('admitted')
  await first.post('/revoke', 'web', { token })
  await expect
    .poll(
      () => {
        runtime.clock.advance(0.2)
        return outcome()
      },
      { timeout: 5000, interval: 20 },
    )
    .toBe('refused')
  await guard.close()
  await server.close()
  for (const node of nodes) await node.close()
  for (const node of nodes) await node.store.close()
  rmSync(folder, { recursive: true })
})
