import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newPerson } from './person.ts'
import { client, testApi } from './test-clients.ts'
import { expectOAuthError, testProvider } from './test-provider.ts'
import { testRuntime } from './test-runtime.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-grants-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const moreClients = [
  client({ client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceGrant, 'refresh_token'] }),
  client({
    client_id: 'backend',
    client_secret: 'backend-secret-backend-secret',
    grant_types: [exchangeGrant],
    resources: [testApi],
  }),
]

/** Two providers, each with a connection of its own to the one file. */
async function nodes() {
  const runtime = testRuntime()
  const open = () => createSqliteStore(openSqlite(join(folder, 'provider.db')))
  const [here, there] = [open(), open()]
  const first = await testProvider({ store: here, runtime, moreClients })
  const second = await testProvider({ store: there, runtime, moreClients })
  const stop = async () => {
    for (const node of [first, second]) await node.close()
    for (const store of [here, there]) await store.close()
  }
  return { first, second, stop }
}

test('RFC 8628 §3.5: a device that polls two nodes gets its tokens from exactly one of them, once', async () => {
  const { first, second, stop } = await nodes()
  const begun = await (await first.post('/device_authorization', 'tv', { scope: 'openid offline_access' })).json()
  const form = { grant_type: deviceGrant, device_code: begun.device_code }
  await expectOAuthError(second.token('tv', form), 'authorization_pending')
  await expectOAuthError(first.token('tv', form), 'slow_down')
  const person = newPerson(second.provider)
  const signIn = await person.post('/device', { user_code: begun.user_code })
  const asking = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
  expect((await person.submit(asking, { decision: 'allow' })).text).toContain('You can go back')
  const polls = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? first : second).token('tv', form))
  const answers = await Promise.allSettled(polls)
  const given = answers.filter((answer) => answer.status === 'fulfilled')
  expect(given).toHaveLength(1)
  const tokens = { ...given[0]?.value, clientId: 'tv' }
  expect((await second.refresh(tokens as never)).access_token).toBeTruthy()
  await stop()
})

test('RFC 8693 §2.1: what one node exchanged ends when another node ends the session of its subject', async () => {
  const { first, second, stop } = await nodes()
  const subject = await first.signIn({ resource: testApi, scope: 'openid read:messages' })
  const form = {
    grant_type: exchangeGrant,
    subject_token: subject.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }
  const { access_token: token } = await first.token('backend', form)
  const isActive = async () => (await (await second.post('/introspect', 'backend', { token })).json()).active as boolean
  expect(await isActive()).toBe(true)
  await second.post('/revoke', 'web', { token: subject.refresh_token })
  expect(await isActive()).toBe(false)
  await expectOAuthError(first.token('backend', form), 'invalid_request')
  await stop()
})
