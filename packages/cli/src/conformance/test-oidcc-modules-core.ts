import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { claimsOfScopes, type Members, unaskedClaims } from './test-oidcc-answers.ts'
import { newClient, register, registrationRequest, unregister } from './test-oidcc-client.ts'
import {
  authorizationRequest,
  authorize,
  expectUserinfo,
  type FlowOptions,
  gain,
  runFlow,
  takeError,
} from './test-oidcc-flow.ts'
import type { Module, Modules } from './test-oidcc-plan.ts'
import type { Run } from './test-oidcc-run.ts'

/** A module that is one happy flow with something more in the request. */
export function happy(options: FlowOptions = {}): Module {
  return async (run) => {
    const client = await newClient(run)
    await runFlow(run, client, options)
    await unregister(run, client)
  }
}

/** The happy flow of every plan; nothing stands in an ID token that nobody asked for. */
async function server(run: Run): Promise<void> {
  const client = await newClient(run)
  const { idTokens } = await runFlow(run, client)
  for (const { claims } of idTokens) expect(unaskedClaims(claims)).toEqual([])
  await unregister(run, client)
}

/** @spec RFC 6749 §3.1.1, §4.1.2.1 */
async function responseTypeMissing(run: Run): Promise<void> {
  const client = await newClient(run)
  const request = authorizationRequest(run, client, { response_type: undefined })
  const error = takeError(run, await authorize(run, request), request)
  expect(['invalid_request', 'unsupported_response_type']).toContain(error)
}

/** Without an algorithm asked for, it is RS256. @spec OIDC Registration §2 */
async function idTokenSignature(run: Run): Promise<void> {
  const client = await newClient(run)
  const { idTokens } = await runFlow(run, client, { alg: 'RS256' })
  for (const { header } of idTokens) expect(header.kid).toBeTruthy()
}

/** The suite skips it where "none" is not offered: then nobody may register for it either. @spec OIDC Core §2 */
async function idTokenUnsigned(run: Run): Promise<void> {
  expect(run.server.metadata.id_token_signing_alg_values_supported).not.toContain('none')
  const asks = { id_token_signed_response_alg: 'none' }
  const { response, body } = await register(run, await registrationRequest(run, { asks }))
  expect(response.status).toBe(400)
  expect(body).toMatchObject({ error: 'invalid_client_metadata' })
}

function userinfo(way: 'get' | 'post' | 'body'): Module {
  return async (run) => {
    const { accessToken, idTokens } = await runFlow(run, await newClient(run))
    const claims = await expectUserinfo(run, String(accessToken), way)
    for (const { claims: own } of idTokens) expect(claims.sub).toBe(own.sub)
  }
}

/** @spec OIDC Core §3.2.2.1 */
async function withoutNonceFails(run: Run): Promise<void> {
  const request = authorizationRequest(run, await newClient(run), { nonce: undefined })
  expect(takeError(run, await authorize(run, request), request)).toBe('invalid_request')
}

/** Every claim of the scopes is told in the right place, and none in another. @spec OIDC Core §5.4 */
function scopes(scope: string, order: 'as usual' | 'reversed' = 'as usual'): Module {
  return async (run) => {
    expect(run.server.metadata.scopes_supported).toEqual(expect.arrayContaining(scope.split(' ')))
    const { accessToken, idTokens } = await runFlow(run, await newClient(run), { changes: { scope }, order })
    const [first] = idTokens
    const told: Members = accessToken === null ? { ...first?.claims } : await expectUserinfo(run, accessToken)
    const wanted = scope.split(' ').flatMap((value) => claimsOfScopes[value] ?? [])
    expect(Object.keys(told)).toEqual(expect.arrayContaining(wanted))
    if (!wanted.includes('name')) expect(told).not.toHaveProperty('name')
    if (accessToken === null) return
    expect(told.sub).toBe(first?.claims.sub)
    for (const { claims } of idTokens) expect(unaskedClaims(claims)).toEqual([])
  }
}

/** @spec OIDC Core §5.5, §5.5.1 */
async function claimsEssential(run: Run): Promise<void> {
  const place = run.variant.responseType === 'id_token' ? 'id_token' : 'userinfo'
  const claims = JSON.stringify({ [place]: { name: { essential: true } } })
  const { accessToken, idTokens } = await runFlow(run, await newClient(run), { changes: { claims } })
  const told = accessToken === null ? idTokens[0]?.claims : await expectUserinfo(run, accessToken)
  expect(told).toMatchObject({ name: 'Alice Doe' })
  if (accessToken !== null) for (const { claims: own } of idTokens) expect(own).not.toHaveProperty('name')
}

/** The popup has no card, and no page says no. @spec OIDC Core §3.1.2.1 display */
function display(value: 'page' | 'popup'): Module {
  return async (run) => {
    expect(run.server.metadata.display_values_supported).toContain(value)
    const client = await newClient(run)
    const request = authorizationRequest(run, client, { display: value })
    const walked = await authorize(run, request)
    expect(walked.seen[0]?.text.includes('class="frame narrow popup"')).toBe(value === 'popup')
    await gain(run, client, { request, walked })
  }
}

async function loginHint(run: Run): Promise<void> {
  const hint = `buffy@${new URL(run.server.issuer).hostname}`
  const request = authorizationRequest(run, await newClient(run), { login_hint: hint })
  const page = await run.browser.open(`${run.server.metadata.authorization_endpoint}?${new URLSearchParams(request)}`)
  expect(page.forms[0]?.fields.username?.value).toBe(hint)
  await happy({ changes: { login_hint: hint } })(run)
}

async function uiLocales(run: Run): Promise<void> {
  const request = authorizationRequest(run, await newClient(run), { ui_locales: 'se de' })
  const page = await run.browser.open(`${run.server.metadata.authorization_endpoint}?${new URLSearchParams(request)}`)
  expect(page.text).toContain('<html lang="de">')
  await happy({ changes: { ui_locales: 'se' } })(run)
}

/** @spec OIDC Core §3.1.2.1 acr_values */
async function acrValues(run: Run): Promise<void> {
  const values = run.server.metadata.acr_values_supported as readonly string[]
  expect(values).not.toEqual([])
  const { idTokens } = await runFlow(run, await newClient(run), { changes: { acr_values: values.join(' ') } })
  for (const { claims } of idTokens) expect(values).toContain(claims.acr)
}

/** @spec RFC 7636 §4 */
async function validPkce(run: Run): Promise<void> {
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const changes = { code_challenge, code_challenge_method: 'S256' }
  await happy({ changes, tokenForm: { code_verifier } })(run)
}

export const coreModules: Modules = {
  'oidcc-server': server,
  'oidcc-server-client-secret-post': server,
  'oidcc-response-type-missing': responseTypeMissing,
  'oidcc-idtoken-signature': idTokenSignature,
  'oidcc-idtoken-unsigned': idTokenUnsigned,
  'oidcc-userinfo-get': userinfo('get'),
  'oidcc-userinfo-post-header': userinfo('post'),
  'oidcc-userinfo-post-body': userinfo('body'),
  'oidcc-ensure-request-without-nonce-succeeds-for-code-flow': happy({ changes: { nonce: undefined } }),
  'oidcc-ensure-request-without-nonce-fails': withoutNonceFails,
  'oidcc-scope-profile': scopes('openid profile'),
  'oidcc-scope-email': scopes('openid email'),
  'oidcc-scope-address': scopes('openid address'),
  'oidcc-scope-phone': scopes('openid phone'),
  'oidcc-scope-all': scopes('openid email phone address profile'),
  'oidcc-ensure-other-scope-order-succeeds': scopes('email openid'),
  'oidcc-alternate-happy-flow': scopes('email openid', 'reversed'),
  'oidcc-claims-essential': claimsEssential,
  'oidcc-display-page': display('page'),
  'oidcc-display-popup': display('popup'),
  'oidcc-ensure-request-with-unknown-parameter-succeeds': happy({ changes: { extra: 'foobar' } }),
  'oidcc-login-hint': loginHint,
  'oidcc-ui-locales': uiLocales,
  'oidcc-claims-locales': happy({ changes: { claims_locales: 'se' } }),
  'oidcc-ensure-request-with-acr-values-succeeds': acrValues,
  'oidcc-ensure-post-request-succeeds': happy({ method: 'POST' }),
  'oidcc-ensure-request-with-valid-pkce-succeeds': validPkce,
}
