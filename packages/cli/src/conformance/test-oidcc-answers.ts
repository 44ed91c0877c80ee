import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { expect } from 'vitest'
import type { PlanClient } from './test-oidcc-client.ts'
import type { Run } from './test-oidcc-run.ts'

export type Members = Readonly<Record<string, unknown>>

/** What the suite wants of the standard claims wherever they stand. @spec OIDC Core §5.1 */
const texts = `sub name given_name family_name middle_name nickname preferred_username profile picture website email
gender birthdate zoneinfo locale phone_number`.split(/\s+/)
const addressTexts = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country']

/** Which claims the suite expects for each scope. @spec OIDC Core §5.4 */
export const claimsOfScopes: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: `name given_name family_name middle_name nickname profile picture website gender birthdate zoneinfo locale
updated_at preferred_username`.split(/\s+/),
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}

export function expectStandardClaims(claims: Members): void {
  expect(claims.sub).toMatch(/^[\x20-\x7e]{1,255}$/)
  for (const name of texts) if (name in claims) expect(claims[name], name).toBeTypeOf('string')
  for (const name of ['email_verified', 'phone_number_verified'])
    if (name in claims) expect(claims[name], name).toBeTypeOf('boolean')
  if ('updated_at' in claims) expect(claims.updated_at).toBeTypeOf('number')
  if ('birthdate' in claims) expect(claims.birthdate).toMatch(/^(\d{4}|0000)(-\d\d-\d\d)?$/)
  if (!('address' in claims)) return
  const address = claims.address as Members
  for (const name of addressTexts) if (name in address) expect(address[name], name).toBeTypeOf('string')
}

/** What stands in an ID token without anyone having asked for it. */
const expected = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'azp'],
  ...['at_hash', 'c_hash', 's_hash', 'nbf', 'jti', 'sid'],
])

export function unaskedClaims(claims: Members): readonly string[] {
  return Object.keys(claims).filter((name) => !expected.has(name))
}

export interface VerifiedIdToken {
  readonly claims: JWTPayload
  readonly header: ReturnType<typeof decodeProtectedHeader>
}

/** @spec OIDC Core §3.1.3.7, §2 */
export async function verifyIdToken(
  run: Run,
  client: PlanClient,
  { jwt, request, alg = 'RS256' }: { jwt: unknown; request: Members; alg?: string },
): Promise<VerifiedIdToken> {
  const { server } = run
  expect(jwt).toBeTypeOf('string')
  const header = decodeProtectedHeader(String(jwt))
  expect(header).toMatchObject({ alg, kid: expect.any(String) })
  const jwks = await (await run.send(new Request(server.metadata.jwks_uri))).json()
  const { payload: claims } = await jwtVerify(String(jwt), createLocalJWKSet(jwks as never), {
    issuer: server.issuer,
    audience: client.id,
    algorithms: [alg],
    currentDate: new Date(server.clock.now() * 1000),
  })
  expect(claims.exp).toBeGreaterThan(server.clock.now())
  expect(Math.abs((claims.iat ?? 0) - server.clock.now())).toBeLessThanOrEqual(300)
  expect(claims.nonce).toBe(request.nonce)
  if (Array.isArray(claims.aud) && claims.aud.length > 1) expect(claims.azp).toBe(client.id)
  expectStandardClaims(claims)
  return { claims, header }
}

/** The left half of a hash, as `at_hash` and `c_hash` hold it. @spec OIDC Core §3.1.3.6 */
export function leftHalf(value: string): string {
  return createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')
}

/** What the suite wants of every error that comes to the redirect URI. @spec OIDC Core §3.1.2.6; RFC 6749 §4.1.2.1 */
export function expectErrorAnswer(run: Run, answer: URLSearchParams, request: Members): string {
  const given = Object.fromEntries(answer)
  expect(given.state).toBe(request.state)
  expect(given.iss).toBe(run.server.issuer)
  expect(given.error).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  expect(given).not.toHaveProperty('code')
  const known = ['error', 'error_description', 'error_uri', 'state', 'session_state', 'iss']
  expect(Object.keys(given).filter((name) => !known.includes(name))).toEqual([])
  if ('error_description' in given) expect(given.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  return String(given.error)
}

/** What the suite wants of a refused token request. @spec RFC 6749 §5.2 */
export async function expectTokenRefusal(response: Response, error: string): Promise<void> {
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  const body = (await response.json()) as Members
  expect(body.error).toBe(error)
  if ('error_description' in body) expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
}
