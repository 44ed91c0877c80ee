import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { expectTokenRefusal, verifyIdToken } from './test-oidcc-answers.ts'
import { askForTokens, newClient, type PlanClient } from './test-oidcc-client.ts'
import {
  askUserinfo,
  authorizationRequest,
  authorize,
  type Changes,
  expectAccess,
  expectTokens,
  type Gained,
  runFlow,
  takeError,
} from './test-oidcc-flow.ts'
import type { Module, Modules } from './test-oidcc-plan.ts'
import type { Run } from './test-oidcc-run.ts'

/** Two flows of one client in one browser; `later` seconds lie between. */
async function twice(
  run: Run,
  { first, second, later = 0 }: { first?: Changes; second: (before: Gained) => Changes; later?: number },
): Promise<readonly [Gained, Gained]> {
  const client = await newClient(run)
  const before = await runFlow(run, client, { ...(first === undefined ? {} : { changes: first }) })
  expect(before.did).toContain('signed in')
  run.server.clock.advance(later)
  return [before, await runFlow(run, client, { changes: second(before) })]
}

const authTimeOf = ({ idTokens }: Gained) => Number(idTokens.at(-1)?.claims.auth_time)
const subOf = ({ idTokens }: Gained) => idTokens.at(-1)?.claims.sub

/** The second request makes the person sign in again, and auth_time says so. */
function signsInAgain(second: Changes, later: number): Module {
  return async (run) => {
    const [before, after] = await twice(run, { second: () => second, later })
    expect(after.did).toContain('signed in')
    expect(authTimeOf(after)).toBeGreaterThan(authTimeOf(before))
    expect(run.server.clock.now() - authTimeOf(after)).toBeLessThanOrEqual(60)
  }
}

/** The second request goes without the person, and the ID tokens speak of the same sign-in. */
function goesOn(second: (before: Gained) => Changes, first?: Changes): Module {
  return async (run) => {
    const [before, after] = await twice(run, { second, ...(first === undefined ? {} : { first }), later: 2 })
    expect(after.did).not.toContain('signed in')
    expect(after.did).not.toContain('allowed')
    expect(authTimeOf(after)).toBe(authTimeOf(before))
    expect(subOf(after)).toBe(subOf(before))
  }
}

/** A long state comes back whole. @spec OIDC Core §3.1.2.6 */
async function promptNoneNotLoggedIn(run: Run): Promise<void> {
  const state = randomBytes(64).toString('hex')
  const request = authorizationRequest(run, await newClient(run), { prompt: 'none', state })
  const error = takeError(run, await authorize(run, request), request)
  expect(['interaction_required', 'login_required', 'account_selection_required', 'consent_required']).toContain(error)
}

/** @spec OIDC Core §3.1.3.2; RFC 6749 §4.1.2 */
async function codeReuse(run: Run): Promise<void> {
  const client = await newClient(run)
  const { tokenForm } = await runFlow(run, client)
  await expectTokenRefusal(await askForTokens(run, client, tokenForm), 'invalid_grant')
}

/** What the code brought half a minute before ends with its second use. @spec RFC 6749 §4.1.2 */
async function codeReuseLater(run: Run): Promise<void> {
  const client = await newClient(run)
  const { tokenForm, accessToken } = await runFlow(run, client)
  run.server.clock.advance(30)
  await expectTokenRefusal(await askForTokens(run, client, tokenForm), 'invalid_grant')
  const refused = await askUserinfo(run, String(accessToken))
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
}

const offline = { scope: 'openid offline_access', prompt: 'consent' }
const refreshing = (code: boolean) => ({
  grant_types: [...(code ? [] : ['implicit']), 'authorization_code', 'refresh_token'],
})

/** Uses a refresh token; the newest there is then. @spec OIDC Core §12 */
export async function refresh(
  run: Run,
  client: PlanClient,
  { gained, scope }: { gained: Gained; scope?: string },
): Promise<string> {
  expect(gained.refreshToken).toMatch(/^[\x20-\x7e]{32,}$/)
  run.server.clock.advance(1)
  const form = { grant_type: 'refresh_token', refresh_token: String(gained.refreshToken) }
  const body = await expectTokens(
    await askForTokens(run, client, { ...form, ...(scope === undefined ? {} : { scope }) }),
  )
  expect(body.access_token).not.toBe(gained.accessToken)
  await expectAccess(run, String(body.access_token))
  const before = gained.idTokens.at(-1)?.claims ?? {}
  // @spec OIDC Core §12.2: without the nonce of the sign-in
  const { claims } = await verifyIdToken(run, client, { jwt: body.id_token, request: {} })
  for (const name of ['iss', 'sub', 'aud', 'auth_time', 'azp']) expect(claims[name], name).toEqual(before[name])
  expect(claims.iat).toBeGreaterThan(before.iat ?? 0)
  return String(body.refresh_token ?? gained.refreshToken)
}

/** A refresh token works for its own client and for no other. @spec RFC 6749 §6, §10.4 */
async function refreshToken(run: Run): Promise<void> {
  expect(run.server.metadata.grant_types_supported).toContain('refresh_token')
  const asks = refreshing(run.variant.responseType === 'code')
  const first = await newClient(run, { asks })
  const second = await newClient(run, { asks, configured: 'conformance-2' })
  const own = await runFlow(run, first, { changes: offline })
  await refresh(run, first, { gained: own, scope: offline.scope })
  const nonce = randomBytes(32).toString('base64url')
  const other = await runFlow(run, second, { changes: { ...offline, nonce } })
  const refresh_token = await refresh(run, second, { gained: other })
  const stolen = await askForTokens(run, first, { grant_type: 'refresh_token', refresh_token, scope: offline.scope })
  await expectTokenRefusal(stolen, 'invalid_grant')
}

export const sessionModules: Modules = {
  'oidcc-prompt-login': signsInAgain({ prompt: 'login' }, 1),
  'oidcc-prompt-none-not-logged-in': promptNoneNotLoggedIn,
  'oidcc-prompt-none-logged-in': goesOn(() => ({ prompt: 'none' })),
  'oidcc-max-age-1': signsInAgain({ max_age: '1' }, 2),
  'oidcc-max-age-10000': goesOn(() => ({ max_age: '10000' }), { max_age: '15000' }),
  'oidcc-id-token-hint': goesOn(({ idToken }) => ({ prompt: 'none', id_token_hint: idToken })),
  'oidcc-codereuse': codeReuse,
  'oidcc-codereuse-30seconds': codeReuseLater,
  'oidcc-refresh-token': refreshToken,
}
