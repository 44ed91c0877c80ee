import { randomUUID } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { expect } from 'vitest'
import { exampleConfig } from './test-conformance-server.ts'
import type { Run } from './test-oidcc-run.ts'

/** A client of a module, whichever way it came to be one. */
export interface PlanClient {
  readonly id: string
  readonly secret: string
  readonly redirectUri: string
  /** Signs its assertions; replaced when it changes its keys. */
  readonly signing: { readonly key: CryptoKey; readonly kid: string | undefined }
  /** What the server answered; null for a client of the configuration. */
  readonly registered: Readonly<Record<string, unknown>> | null
}

export interface Wanted {
  /** Which client of the configuration, where the plan is run with those. */
  readonly configured?: 'conformance' | 'conformance-2' | 'conformance-post'
  /** Differences of the registration request, where it is run with others; undefined leaves a member out. */
  readonly asks?: Readonly<Record<string, unknown>>
  readonly redirectUri?: string
}

export async function newClient(run: Run, wanted: Wanted = {}): Promise<PlanClient> {
  return run.variant.registration === 'static_client' ? configuredClient(run, wanted) : registeredClient(run, wanted)
}

function configuredClient({ variant, party, keys }: Run, { configured }: Wanted): PlanClient {
  const id = configured ?? (variant.auth === 'client_secret_post' ? 'conformance-post' : 'conformance')
  const { clients } = exampleConfig('oidcc.json') as { clients: { client_id: string; client_secret: string }[] }
  const secret = clients.find(({ client_id }) => client_id === id)?.client_secret ?? ''
  const signing = { key: keys.privateKey, kid: undefined }
  return { id, secret, redirectUri: party.redirectUri, signing, registered: null }
}

/** What the suite sends to the registration endpoint. @spec OIDC Registration §3.1 */
export async function registrationRequest(run: Run, { asks = {}, redirectUri }: Wanted = {}): Promise<object> {
  const { variant, party, keys } = run
  const words = variant.responseType.split(' ')
  const given = {
    client_name: `Suite ${randomUUID()}`,
    grant_types: [
      ...(words.includes('code') ? ['authorization_code'] : []),
      ...(variant.responseType === 'code' ? [] : ['implicit']),
    ],
    jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), use: 'sig', alg: 'RS256' }] },
    token_endpoint_auth_method: variant.auth,
    response_types: [variant.responseType],
    redirect_uris: [redirectUri ?? party.redirectUri],
    contacts: ['certification@oidf.org'],
    ...asks,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The answer to a registration request, unjudged. */
export async function register(run: Run, request: object): Promise<{ response: Response; body: never }> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(request) }
  const response = await run.send(new Request(String(run.server.metadata.registration_endpoint), init))
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return { response, body: (await response.json()) as never }
}

async function registeredClient(run: Run, wanted: Wanted): Promise<PlanClient> {
  const { response, body } = await register(run, await registrationRequest(run, wanted))
  const registered = body as Readonly<Record<string, unknown>>
  expect(response.status, JSON.stringify(body)).toBe(201)
  expect(registered).not.toHaveProperty('error')
  expect(registered.client_id).toBeTruthy()
  if ('client_secret' in registered) expect(registered.client_secret_expires_at).toBeTypeOf('number')
  expect('registration_client_uri' in registered).toBe('registration_access_token' in registered)
  return {
    id: String(registered.client_id),
    secret: String(registered.client_secret ?? ''),
    redirectUri: wanted.redirectUri ?? run.party.redirectUri,
    signing: { key: run.keys.privateKey, kid: undefined },
    registered,
  }
}

/** Asks the client's own address. @spec RFC 7592 §2 */
export function manage(run: Run, { registered }: PlanClient, method: 'GET' | 'DELETE'): Promise<Response> {
  const headers = { authorization: `Bearer ${registered?.registration_access_token}` }
  return run.send(new Request(String(registered?.registration_client_uri), { method, headers }))
}

/** The suite takes away every client that it registered. */
export async function unregister(run: Run, client: PlanClient): Promise<void> {
  if (client.registered !== null) expect((await manage(run, client, 'DELETE')).status).toBe(204)
}

/** A token request with the client's proof of who it is. */
export async function askForTokens(
  run: Run,
  client: PlanClient,
  form: Readonly<Record<string, string>>,
  audience = run.server.metadata.token_endpoint,
): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }
  const body = new URLSearchParams(form)
  if (run.variant.auth === 'client_secret_basic')
    headers.authorization = `Basic ${btoa(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`)}`
  else body.set('client_id', client.id)
  if (run.variant.auth === 'client_secret_post') body.set('client_secret', client.secret)
  if (run.variant.auth === 'private_key_jwt') {
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await assertion(run, client, audience))
  }
  const { token_endpoint: endpoint } = run.server.metadata
  return run.send(new Request(endpoint, { method: 'POST', headers, body: body.toString() }))
}

function assertion({ server }: Run, { id, signing }: PlanClient, audience: string): Promise<string> {
  const now = server.clock.now()
  return new SignJWT({ iss: id, sub: id, aud: audience, jti: randomUUID(), iat: now, exp: now + 60 })
    .setProtectedHeader({ alg: 'RS256', ...(signing.kid === undefined ? {} : { kid: signing.kid }) })
    .sign(signing.key)
}
