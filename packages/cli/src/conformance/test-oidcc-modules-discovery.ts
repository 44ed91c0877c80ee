import { expect } from 'vitest'
import type { Members } from './test-oidcc-answers.ts'
import type { Modules } from './test-oidcc-plan.ts'
import type { Run } from './test-oidcc-run.ts'

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']
/** From RFC 5646: a language, perhaps a script, a region. */
const localeTag = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/

async function readJson(run: Run, url: unknown): Promise<Members> {
  const response = await run.send(new Request(String(url)))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return (await response.json()) as Members
}

/** @spec OIDC Discovery §3, §4.2, §4.3; RFC 8414 §2 */
async function discovery(run: Run): Promise<void> {
  const { issuer } = run.server
  const told = await readJson(run, `${issuer}/.well-known/openid-configuration`)
  expect(told.issuer).toBe(issuer)
  expect(String(told.issuer)).toMatch(/^https:\/\/[^?#]+$/)
  const lists: Record<string, readonly string[]> = {
    response_types_supported: ['code', 'id_token', 'id_token token'],
    grant_types_supported: ['authorization_code', 'implicit'],
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    userinfo_signing_alg_values_supported: ['RS256'],
    request_object_signing_alg_values_supported: ['RS256', 'none'],
    scopes_supported: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
    claims_supported: ['sub', 'name', 'email', 'phone_number', 'address'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    code_challenge_methods_supported: ['S256'],
  }
  for (const [name, least] of Object.entries(lists))
    expect(told[name], name).toEqual(expect.arrayContaining([...least]))
  for (const name of ['claims_parameter_supported', 'request_parameter_supported', 'request_uri_parameter_supported'])
    expect(told[name], name).toBe(true)
  for (const [name, value] of Object.entries(told)) {
    if (name.endsWith('_endpoint') || name.endsWith('_uri')) expect(value, name).toMatch(/^https:\/\//)
    if (name.endsWith('_supported') && name !== 'signed_metadata' && Array.isArray(value))
      expect(new Set(value).size, name).toBe(value.length)
  }
  for (const locale of told.ui_locales_supported as readonly string[]) expect(locale).toMatch(localeTag)
  for (const scope of told.scopes_supported as readonly string[]) expect(scope).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
  await expectKeys(run, told.jwks_uri)
}

/** @spec RFC 7517 §4, §5; OIDC Core §10.1 */
export async function expectKeys(run: Run, uri: unknown): Promise<readonly Members[]> {
  const { keys } = (await readJson(run, uri)) as { keys: readonly Members[] }
  expect(keys.length).toBeGreaterThan(0)
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
  for (const key of keys) {
    expect(key).toMatchObject({ kty: expect.any(String), kid: expect.any(String), use: 'sig', alg: expect.any(String) })
    for (const name of privateMembers) expect(key, `a key shows ${name}`).not.toHaveProperty(name)
    for (const name of ['n', 'e', 'x', 'y']) if (name in key) expect(key[name]).toMatch(/^[A-Za-z0-9_-]+$/)
  }
  return keys
}

export const discoveryModules: Modules = { 'oidcc-discovery-endpoint-verification': discovery }
