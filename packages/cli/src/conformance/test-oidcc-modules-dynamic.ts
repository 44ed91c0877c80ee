import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { testRuntime } from '@latchkey/testing'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { expect, vi } from 'vitest'
import { rotateKeys } from '../commands/keys-command.ts'
import { readConfig } from '../config/read-config.ts'
import { serve } from '../serve.ts'
import { exampleConfig } from './test-conformance-server.ts'
import type { Members } from './test-oidcc-answers.ts'
import { manage, newClient, type PlanClient, register, registrationRequest, unregister } from './test-oidcc-client.ts'
import { askUserinfo, authorizationRequest, authorize, runFlow } from './test-oidcc-flow.ts'
import { expectKeys } from './test-oidcc-modules-discovery.ts'
import { refresh } from './test-oidcc-modules-sessions.ts'
import type { Module, Modules } from './test-oidcc-plan.ts'
import type { Run } from './test-oidcc-run.ts'
import { partyCertificate } from './test-party-certificate.ts'

async function idTokenRs256(run: Run): Promise<void> {
  const client = await newClient(run, { asks: { id_token_signed_response_alg: 'RS256' } })
  const { idTokens } = await runFlow(run, client, { alg: 'RS256' })
  for (const { header } of idTokens) expect(header.kid).toBeTruthy()
}

/** @spec OIDC Core §5.3.2 */
async function userinfoRs256(run: Run): Promise<void> {
  const client = await newClient(run, { asks: { userinfo_signed_response_alg: 'RS256' } })
  const { accessToken, idTokens } = await runFlow(run, client)
  const response = await askUserinfo(run, String(accessToken))
  expect(response.headers.get('content-type')).toMatch(/^application\/jwt/)
  const jwks = await (await run.send(new Request(run.server.metadata.jwks_uri))).json()
  const check = { issuer: run.server.issuer, audience: client.id, algorithms: ['RS256'] }
  const { payload } = await jwtVerify(await response.text(), createLocalJWKSet(jwks as never), check)
  expect(payload.sub).toBe(idTokens[0]?.claims.sub)
  expect(payload).not.toHaveProperty('nonce')
}

/** @spec RFC 6749 §3.1.2 */
async function redirectUriWithFragment(run: Run): Promise<void> {
  const asked = await registrationRequest(run, { redirectUri: `${run.party.redirectUri}#foobar` })
  const { response, body } = await register(run, asked)
  expect(response.status).toBe(400)
  expect(body).toMatchObject({ error: 'invalid_redirect_uri' })
}

/** The page on which people sign in shows what the application says of itself. @spec OIDC Registration §2 */
function shownAtLogin(name: 'logo_uri' | 'policy_uri' | 'tos_uri', file: string): Module {
  return async (run) => {
    const uri = `${run.party.origin}/${file}`
    const client = await newClient(run, { asks: { [name]: uri } })
    const { page } = await authorize(run, authorizationRequest(run, client))
    expect(page.forms[0]?.fields.password?.type).toBe('password')
    const images = page.headers.get('content-security-policy')?.match(/img-src [^;]*/)?.[0]
    if (name === 'logo_uri') expect(images).toBe(`img-src 'self' ${run.party.origin}`)
    expect(page.text).toContain(name === 'logo_uri' ? `<img class="logo" src="${uri}"` : `<a href="${uri}"`)
    await unregister(run, client)
  }
}

/** A new key of the client at its `jwks_uri`; `client` signs with it from now on. */
async function newKeyAt(
  run: Run,
  kid: string,
): Promise<{ readonly uri: string; readonly signing: PlanClient['signing'] }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const keys = [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }]
  return {
    uri: run.party.show('/test/a/latchkey/jwks', 'application/json', JSON.stringify({ keys })),
    signing: { key: privateKey, kid },
  }
}

/** @spec OIDC Registration §2 jwks_uri */
async function jwksUri(run: Run): Promise<void> {
  const { uri, signing } = await newKeyAt(run, 'first')
  await runFlow(run, { ...(await newClient(run, { asks: { jwks: undefined, jwks_uri: uri } })), signing })
}

/** The client changes its key, and a minute later refreshes with the new one. @spec OIDC Core §10.1.1 */
async function keyRotationOfTheClient(run: Run): Promise<void> {
  const first = await newKeyAt(run, 'before')
  const grant_types = [
    'authorization_code',
    ...(run.variant.responseType === 'code' ? [] : ['implicit']),
    'refresh_token',
  ]
  const registered = await newClient(run, { asks: { jwks: undefined, jwks_uri: first.uri, grant_types } })
  const client = { ...registered, signing: first.signing }
  const changes = { scope: 'openid offline_access', prompt: 'consent' }
  const gained = await runFlow(run, client, { changes })
  const { signing } = await newKeyAt(run, 'after')
  run.server.clock.advance(60)
  await refresh(run, { ...client, signing }, { gained, scope: changes.scope })
}

/** @spec OIDC Registration §5 */
function sector(listed: (run: Run) => readonly string[]): (run: Run) => Promise<object> {
  return async (run) => {
    const list = JSON.stringify(listed(run))
    const uri = run.party.show('/test/a/latchkey/redirect_uris.json', 'application/json', list)
    const asks = { subject_type: 'pairwise', sector_identifier_uri: uri }
    return registrationRequest(run, { asks })
  }
}

async function sectorUri(run: Run): Promise<void> {
  expect(run.server.metadata.subject_types_supported).toContain('pairwise')
  const { response, body } = await register(run, await sector(({ party }) => [party.redirectUri])(run))
  expect(response.status, JSON.stringify(body)).toBe(201)
}

async function sectorBad(run: Run): Promise<void> {
  const { response, body } = await register(run, await sector(() => ['https://invalid.example/callback'])(run))
  expect(response.status).toBe(400)
  expect(body).toMatchObject({ error: 'invalid_client_metadata' })
}

/** `latchkey keys rotate` beside a running server: the new key is published, the old one still is. @spec OIDC Core §10.1.1 */
async function rotateServerKeys(run: Run): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-conformance-'))
  writeFileSync(join(directory, 'key.pem'), partyCertificate.key)
  writeFileSync(join(directory, 'cert.pem'), partyCertificate.cert)
  const listen = { host: '127.0.0.1', port: 0, tls: { key: 'key.pem', cert: 'cert.pem' } }
  const config = join(directory, 'oidcc.json')
  writeFileSync(config, JSON.stringify({ ...exampleConfig('oidcc.json'), issuer: 'https://127.0.0.1:0', listen }))
  const runtime = testRuntime({ now: Math.floor(systemRuntime.now()) })
  const server = await serve(readConfig(config), { runtime })
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const before = kids(await expectKeys(run, `${server.issuer}/jwks`))
    await rotateKeys('RS256', { config })
    await vi.waitFor(
      async () => {
        runtime.clock.advance(15)
        const after = kids(await expectKeys(run, `${server.issuer}/jwks`))
        expect(after).toEqual(expect.arrayContaining(before))
        expect(after.length).toBeGreaterThan(before.length)
      },
      { timeout: 10_000, interval: 50 },
    )
  } finally {
    print.mockRestore()
    await server.close()
    rmSync(directory, { recursive: true })
  }
}

function kids(keys: readonly Members[]): string[] {
  return keys.map(({ kid }) => String(kid))
}

/** The issuer as audience of an assertion. @spec RFC 7523 §3 */
async function assertionForIssuer(run: Run): Promise<void> {
  await runFlow(run, await newClient(run), { audience: run.server.issuer })
}

/** @spec OIDC Core §4; OIDC Registration §2, §4 */
async function initiateLogin(run: Run): Promise<void> {
  const initiate_login_uri = `${run.party.origin}/test/a/latchkey/initiate_login`
  const client = await newClient(run, { asks: { initiate_login_uri } })
  expect(client.registered).toMatchObject({ initiate_login_uri })
  const told = await manage(run, client, 'GET')
  expect(told.status).toBe(200)
  expect(told.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await told.json()).toMatchObject({ initiate_login_uri, client_id: client.id })
  await unregister(run, client)
}

async function initiateLoginWithoutHttps(run: Run): Promise<void> {
  const initiate_login_uri = `${run.party.origin}/test/a/latchkey/initiate_login`.replace('https:', 'http:')
  const { response, body } = await register(run, await registrationRequest(run, { asks: { initiate_login_uri } }))
  expect(response.status).toBe(400)
  expect(body).toMatchObject({ error: 'invalid_client_metadata' })
}

export const dynamicModules: Modules = {
  'oidcc-idtoken-rs256': idTokenRs256,
  'oidcc-userinfo-rs256': userinfoRs256,
  'oidcc-redirect-uri-regfrag': redirectUriWithFragment,
  'oidcc-registration-logo-uri': shownAtLogin('logo_uri', 'logo.png'),
  'oidcc-registration-policy-uri': shownAtLogin('policy_uri', 'policy.html'),
  'oidcc-registration-tos-uri': shownAtLogin('tos_uri', 'tos.html'),
  'oidcc-registration-jwks-uri': jwksUri,
  'oidcc-registration-sector-uri': sectorUri,
  'oidcc-registration-sector-bad': sectorBad,
  'oidcc-server-rotate-keys': rotateServerKeys,
  'oidcc-refresh-token-rp-key-rotation': keyRotationOfTheClient,
  'oidcc-ensure-client-assertion-with-iss-aud-succeeds': assertionForIssuer,
  'oidcc-3rd_party-init-login': initiateLogin,
  'oidcc-3rd_party-init-login-nohttps': initiateLoginWithoutHttps,
}
