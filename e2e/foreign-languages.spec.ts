import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { hasApache, startApacheSite } from './foreign/apache-site.ts'
import { type ChildProgram, root, startCommand } from './processes/child-program.ts'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const alice = { username: 'alice', password: 'correct horse battery', claims: { name: 'Alice Doe' } }
const secret = 'the-secret-of-a-site-that-is-no-javascript'
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const kid = 'service-1'
const python = ['/usr/bin/python3', 'python3'].find(hasAuthlib)
const folder = temporaryFolder()
let provider: ProviderProcess
let origin: string

function hasAuthlib(command: string): boolean {
  try {
    execFileSync(command, ['-c', 'import authlib, requests'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.beforeAll(async () => {
  const port = await freePort()
  origin = `http://127.0.0.1:${await freePort()}`
  const site = {
    client_id: 'site',
    client_secret: secret,
    client_name: 'Acme Site',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [`${origin}/app/callback`, `${origin}/landed`],
    post_logout_redirect_uris: [`${origin}/bye`],
    backchannel_logout_uri: `${origin}/app/callback?logout=backchannel`,
    grant_types: ['authorization_code', 'refresh_token'],
  }
  const service = {
    client_id: 'service',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    jwks: { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] },
  }
  provider = await startProvider(folder.path, { port, users: [alice], clients: [site, service] })
})

test.afterAll(async () => {
  await provider.stop()
  folder.remove()
})

async function signIn(tab: Page): Promise<void> {
  await tab.getByLabel('Username').fill(alice.username)
  await tab.getByLabel('Password', { exact: true }).fill(alice.password)
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByRole('button', { name: 'Allow' }).click()
}

test('Apache with mod_auth_openidc (C): sign-in, a renewal on each request, sign-out at the provider (OIDC Core §3.1; RP-Initiated Logout §2)', async ({
  page: tab,
}) => {
  test.skip(!hasApache, 'needs Apache with mod_auth_openidc')
  const apache = await startApacheSite(folder.path, { origin, issuer: provider.issuer, id: 'site', secret })
  try {
    await tab.goto(`${origin}/app/index.shtml`)
    await signIn(tab)
    await expect(tab.locator('#name')).toHaveText('Alice Doe')
    const first = await tab.locator('#token').textContent()
    await tab.goto(`${origin}/app/index.shtml`)
    await expect(tab.locator('#name')).toHaveText('Alice Doe')
    expect(await tab.locator('#token').textContent()).not.toBe(first)
    await tab.goto(`${origin}/app/callback?logout=${encodeURIComponent(`${origin}/bye`)}`)
    await expect(tab.getByText('Signed out')).toBeVisible()
    await tab.goto(`${origin}/app/index.shtml`)
    await expect(tab.getByLabel('Username')).toBeVisible()
  } finally {
    await apache.stop()
  }
})

function startAuthlib(): ChildProgram {
  const settings = {
    issuer: provider.issuer,
    redirect_uri: `${origin}/landed`,
    site: { id: 'site', secret },
    service: { id: 'service', private_key: { ...key.privateKey.export({ format: 'jwk' }), kid, alg: 'ES256' } },
  }
  const env = { AUTHLIB_INSECURE_TRANSPORT: '1' }
  const args = [join(root, 'e2e/foreign/authlib_client.py'), JSON.stringify(settings)]
  return startCommand(python ?? 'python3', { args, env, input: true })
}

test('Authlib (Python): sign-in with PKCE and a checked ID token, renewal, introspection, revocation, private_key_jwt (RFC 7636, 7662, 7009, 7523)', async ({
  page: tab,
}) => {
  test.skip(python === undefined, 'needs Python with Authlib and Requests')
  const authlib = startAuthlib()
  const said = await authlib.line(/^\{"open": .*$/m)
  await tab.route(`${origin}/landed?**`, (route) => route.fulfill({ body: 'landed' }))
  await tab.goto((JSON.parse(said[0]) as { open: string }).open)
  await signIn(tab)
  await tab.waitForURL(`${origin}/landed?**`)
  authlib.process.stdin?.end(`${tab.url()}\n`)
  expect(await authlib.exited, authlib.output.stderr).toBe(0)
  const lines = authlib.output.stdout.trim().split('\n').slice(1)
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { name: 'Alice Doe', same_person: true },
    { renewed: true, before: true, status: 200, after: { active: false } },
    { token_type: 'Bearer' },
  ])
})
