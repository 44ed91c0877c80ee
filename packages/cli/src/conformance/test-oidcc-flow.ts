import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import {
  expectErrorAnswer,
  expectStandardClaims,
  leftHalf,
  type Members,
  type VerifiedIdToken,
  verifyIdToken,
} from './test-oidcc-answers.ts'
import { askForTokens, type PlanClient } from './test-oidcc-client.ts'
import { type Run, walk } from './test-oidcc-run.ts'
import type { Walked } from './test-oidcc-script.ts'

export type Parameters = Readonly<Record<string, string>>
/** Parameters beside the usual ones; undefined leaves one out. */
export type Changes = Readonly<Record<string, string | undefined>>

const fresh = () => randomBytes(8).toString('hex')

export function authorizationRequest({ variant }: Run, client: PlanClient, changes: Changes = {}): Parameters {
  const given = {
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: 'openid',
    state: fresh(),
    nonce: fresh(),
    response_type: variant.responseType,
    ...(variant.responseMode === 'form_post' ? { response_mode: 'form_post' } : {}),
    ...changes,
  }
  const kept = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(kept)
}

/** Sends the browser to the authorization endpoint and lets it walk on. */
export function authorize(run: Run, request: Parameters, method: 'GET' | 'POST' = 'GET'): Promise<Walked> {
  const { authorization_endpoint: endpoint } = run.server.metadata
  const query = new URLSearchParams(request).toString()
  if (method === 'GET') return walk(run, run.browser.open(`${endpoint}?${query}`))
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return walk(run, run.browser.open(endpoint, { method, headers, body: query }))
}

/** What came to the redirect URI, in the one place where it belongs. @spec OIDC Core §3.1.2.5, §3.2.2.5, §3.3.2.5; Form Post §2 */
export function takeAnswer(run: Run, { page }: Walked, request: Parameters): URLSearchParams {
  const [callback, ...more] = run.party.takeCallbacks()
  expect(callback, `${page.status} ${page.url}\n${page.text}`).toBeDefined()
  expect(more).toEqual([])
  if (callback === undefined) throw new Error('nothing came to the redirect URI')
  // The query that was registered stays.
  for (const [name, value] of new URL(request.redirect_uri ?? page.url).searchParams)
    expect(callback.query.get(name)).toBe(value)
  if (request.response_mode === 'form_post') {
    expect(callback.method).toBe('POST')
    expect(callback.contentType).toMatch(/^application\/x-www-form-urlencoded/)
  }
  if (request.response_mode !== 'form_post' && run.variant.responseType === 'code') return callback.query
  if (request.response_mode !== 'form_post' && request.response_type === undefined) return callback.query
  for (const name of ['code', 'error']) expect(callback.query.has(name)).toBe(false)
  return request.response_mode === 'form_post' ? callback.form : new URLSearchParams(new URL(page.url).hash.slice(1))
}

/** An error for the client that came back instead of an answer; its code. */
export function takeError(run: Run, walked: Walked, request: Parameters): string {
  return expectErrorAnswer(run, takeAnswer(run, walked, request), request)
}

/** Everything that a flow brought. */
export interface Gained {
  readonly request: Parameters
  readonly did: Walked['did']
  readonly answer: URLSearchParams
  /** The ID tokens, that of the authorization endpoint first. */
  readonly idTokens: readonly VerifiedIdToken[]
  /** As they came, for hints. */
  readonly idToken: string
  readonly accessToken: string | null
  readonly refreshToken: string | undefined
  readonly tokenForm: Parameters
}

export interface FlowOptions {
  readonly changes?: Changes
  readonly method?: 'GET' | 'POST'
  /** Of the parameters of the request. */
  readonly order?: 'as usual' | 'reversed'
  /** Of the token request, beside the usual ones. */
  readonly tokenForm?: Parameters
  readonly alg?: string
  readonly audience?: string
}

/** From request to userinfo, with what the suite checks in every happy flow. */
export async function runFlow(run: Run, client: PlanClient, options: FlowOptions = {}): Promise<Gained> {
  const usual = authorizationRequest(run, client, options.changes)
  const request = options.order === 'reversed' ? Object.fromEntries(Object.entries(usual).reverse()) : usual
  const walked = await authorize(run, request, options.method)
  return gain(run, client, { request, walked, options })
}

/** The second half of a flow, for requests that were sent in another way. */
export async function gain(
  run: Run,
  client: PlanClient,
  { request, walked, options = {} }: { request: Parameters; walked: Walked; options?: FlowOptions },
): Promise<Gained> {
  const answer = takeAnswer(run, walked, request)
  const words = run.variant.responseType.split(' ')
  expect(answer.get('error'), answer.get('error_description') ?? '').toBeNull()
  expect(answer.get('iss')).toBe(run.server.issuer)
  expect(answer.get('state')).toBe(request.state)
  expect(answer.has('code')).toBe(words.includes('code'))
  expect(answer.has('access_token')).toBe(words.includes('token'))
  expect(answer.has('id_token')).toBe(words.includes('id_token'))
  const front = await frontIdToken(run, client, { request, answer, options })
  if (answer.has('access_token')) await expectAccess(run, String(answer.get('access_token')))
  const tokenForm = {
    grant_type: 'authorization_code',
    code: answer.get('code') ?? '',
    redirect_uri: client.redirectUri,
    ...options.tokenForm,
  }
  const body = words.includes('code') ? await redeem(run, client, { tokenForm, audience: options.audience }) : null
  const back = body === null ? [] : [await verifyIdToken(run, client, { ...options, jwt: body.id_token, request })]
  const idTokens = [...front, ...back]
  expect(new Set(idTokens.map(({ claims }) => `${claims.iss} ${claims.sub}`)).size).toBe(1)
  const refresh = body?.refresh_token
  return {
    request,
    did: walked.did,
    answer,
    idTokens,
    idToken: String(body?.id_token ?? answer.get('id_token')),
    accessToken: body === null ? answer.get('access_token') : String(body.access_token),
    refreshToken: typeof refresh === 'string' ? refresh : undefined,
    tokenForm,
  }
}

/** @spec OIDC Core §3.2.2.10, §3.3.2.11 */
async function frontIdToken(
  run: Run,
  client: PlanClient,
  { request, answer, options }: { request: Parameters; answer: URLSearchParams; options: FlowOptions },
): Promise<readonly VerifiedIdToken[]> {
  const jwt = answer.get('id_token')
  if (jwt === null) return []
  const front = await verifyIdToken(run, client, { ...options, jwt, request })
  const [code, token] = [answer.get('code'), answer.get('access_token')]
  expect(front.claims.c_hash).toBe(code === null ? undefined : leftHalf(code))
  expect(front.claims.at_hash).toBe(token === null ? undefined : leftHalf(token))
  return [front]
}

/** @spec OIDC Core §3.1.3.3; RFC 6749 §5.1 */
async function redeem(
  run: Run,
  client: PlanClient,
  { tokenForm, audience }: { tokenForm: Parameters; audience: string | undefined },
): Promise<Members> {
  expect(tokenForm.code?.length).toBeGreaterThanOrEqual(32)
  const response = await askForTokens(run, client, tokenForm, audience)
  const body = await expectTokens(response)
  await expectAccess(run, String(body.access_token))
  return body
}

/** @spec RFC 6749 §5.1 */
export async function expectTokens(response: Response): Promise<Members> {
  const body = (await response.json()) as Members
  expect(response.status, JSON.stringify(body)).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('cache-control')).toContain('no-store')
  expect(body).toMatchObject({ token_type: expect.stringMatching(/^bearer$/i), expires_in: expect.any(Number) })
  expect(String(body.access_token)).toMatch(/^[\x20-\x7e]{22,}$/)
  return body
}

type Way = 'get' | 'post' | 'body'

/** @spec OIDC Core §5.3.1; RFC 6750 §2.1, §2.2 */
export function askUserinfo(run: Run, accessToken: string, way: Way = 'get'): Promise<Response> {
  const { userinfo_endpoint: endpoint = '' } = run.server.metadata
  const usual = { accept: 'application/json;charset=UTF-8', 'accept-charset': 'utf-8' }
  const bearer = { ...usual, authorization: `Bearer ${accessToken}` }
  if (way === 'get') return run.send(new Request(endpoint, { headers: bearer }))
  const headers = {
    ...(way === 'post' ? bearer : usual),
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  }
  // The suite names the type of a body that it does not send.
  if (way === 'post') return run.send(new Request(endpoint, { method: 'POST', headers }))
  const body = new URLSearchParams({ access_token: accessToken }).toString()
  return run.send(new Request(endpoint, { method: 'POST', headers, body }))
}

/** The token works; what userinfo tells is judged by the modules that are about it. */
export async function expectAccess(run: Run, accessToken: string): Promise<void> {
  expect((await askUserinfo(run, accessToken)).status).toBe(200)
}

/** @spec OIDC Core §5.3.2 */
export async function expectUserinfo(run: Run, accessToken: string, way: Way = 'get'): Promise<Members> {
  const response = await askUserinfo(run, accessToken, way)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  const claims = (await response.json()) as Members
  expectStandardClaims(claims)
  return claims
}
