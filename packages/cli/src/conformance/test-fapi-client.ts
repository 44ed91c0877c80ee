import { createHash, randomBytes } from 'node:crypto'
import { dpopProof, type Person, type SeenPage, type TestKey, testKey } from '@latchkey/testing'
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { alice, type ConformanceServer } from './test-conformance-server.ts'
import { accountsApi, type SuiteClient, suiteClient, type Variant } from './test-fapi-variant.ts'
import { httpsSend, type Pair } from './test-https.ts'

type Text = Readonly<Record<string, string | undefined>>
type Members = Readonly<Record<string, unknown>>

/** What a module changes of a well behaved request. */
export interface Changes {
  /** Parameters of the form; undefined takes one away. */
  readonly form?: Text
  /** Claims of the client assertion, or another text for it; null sends the `client_id` alone. */
  readonly assertion?: { readonly payload?: Members; readonly header?: Members; readonly by?: SuiteClient } | null
  /** The proof's key or what stands in it; null sends none. */
  readonly proof?: { readonly key?: TestKey; readonly payload?: Members } | null
  /** Another certificate; null shows none. */
  readonly certificate?: Pair | null
}

/** What a module changes of a pushed request. */
export interface PushChanges extends Changes {
  /** Parameters of the authorization request. */
  readonly request?: Text
  /** Claims and header of the request object, or another text for it. */
  readonly object?: { readonly payload?: Members; readonly header?: Members; readonly by?: SuiteClient } | string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>> & { readonly error?: string; readonly access_token?: string }
}

/** A well behaved client of the plan, in one variant; every step takes what a module changes. */
export interface FapiClient {
  readonly client: SuiteClient
  readonly key: TestKey
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** What tokens are shown to: userinfo, or the API of the run. */
  readonly resourceUrl: string
  push(changes?: PushChanges): Promise<Answer>
  /** The path of the authorization endpoint for what was pushed. */
  addressOf(pushed: Answer, more?: Text): string
  /** Signs in and allows; the answer's parameters, out of its JWT where that was asked for. */
  answerOf(page: SeenPage): Promise<Record<string, string>>
  authorize(pushed: Answer, person?: Person): Promise<Record<string, string>>
  post(path: string, changes: Changes): Promise<Answer>
  redeem(code: string | undefined, changes?: Changes): Promise<Answer>
  refresh(tokens: Answer, changes?: Changes): Promise<Answer>
  resource(tokens: Answer, changes?: Changes & { readonly header?: string; readonly query?: string }): Promise<Answer>
}

export async function fapiClient(
  server: ConformanceServer,
  variant: Variant,
  options: { which?: 1 | 2; api?: string } = {},
): Promise<FapiClient> {
  const client = suiteClient(options.which ?? 1)
  const key = await testKey('ES256')
  const [state, nonce, verifier] = [32, 16, 32].map((length) => randomBytes(length).toString('base64url')) as string[]
  const known = { client, key, state: state ?? '', nonce: nonce ?? '', verifier: verifier ?? '' }
  const steps = stepsOf(server, variant, known)
  const { clientId } = client
  const addressOf: FapiClient['addressOf'] = ({ body }, more = {}) =>
    `/authorize?${encoded({ client_id: clientId, request_uri: String(body.request_uri), ...more })}`
  const resourceUrl = options.api ?? `${server.issuer}/userinfo`
  return {
    ...known,
    ...steps,
    resourceUrl,
    async push(changes = {}) {
      const request = { ...requestOf(variant, known), ...changes.request }
      const form = variant.signed ? await objectForm(server, client, { request, changes }) : request
      return steps.post('/par', { ...changes, proof: changes.proof ?? null, form: { ...form, ...changes.form } })
    },
    addressOf,
    async authorize(pushed, person = server.person()) {
      return steps.answerOf(await allow(person, await person.open(addressOf(pushed))))
    },
    redeem: (code, changes = {}) => {
      const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: verifier }
      return steps.post('/token', { ...changes, form: { ...form, ...changes.form } })
    },
    refresh: ({ body }, changes = {}) => {
      const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
      return steps.post('/token', { ...changes, form: { ...form, ...changes.form } })
    },
    resource: (tokens, changes = {}) => steps.ask(tokens, resourceUrl, changes),
  }
}

type Known = Pick<FapiClient, 'client' | 'key' | 'state' | 'nonce' | 'verifier'>

function requestOf({ openid, jarm }: Variant, { client, state, nonce, verifier }: Known): Text {
  return {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: openid ? 'openid profile' : 'accounts',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(openid ? { nonce } : { resource: accountsApi }),
    ...(jarm ? { response_mode: 'jwt' } : {}),
  }
}

async function objectForm(
  { issuer, clock }: ConformanceServer,
  client: SuiteClient,
  { request, changes }: { request: Text; changes: PushChanges },
): Promise<Text> {
  const { object = {} } = changes
  if (typeof object === 'string') return { client_id: client.clientId, request: object }
  const now = Math.floor(clock.now())
  const claims = { iss: client.clientId, aud: issuer, nbf: now, exp: now + 300, ...request, ...object.payload }
  return { client_id: client.clientId, request: await (object.by ?? client).sign(claims, object.header) }
}

function stepsOf(server: ConformanceServer, variant: Variant, { client, key }: Known) {
  const { issuer, clock } = server
  async function proven(url: string, method: string, changes: Changes & { readonly accessToken?: string }) {
    if (variant.sender !== 'dpop' || changes.proof === null) return {}
    const { accessToken } = changes
    const about = { htm: method, htu: url, now: clock.now(), ...(accessToken === undefined ? {} : { accessToken }) }
    const { key: by = key, payload = {} } = changes.proof ?? {}
    return { dpop: await dpopProof(by, about, { payload }) }
  }
  const certificateOf = ({ certificate }: Changes) => (certificate === undefined ? client.certificate : certificate)
  async function post(path: string, changes: Changes): Promise<Answer> {
    const proof = await assertionForm(server, variant, { client, changes })
    const body = encoded({ ...proof, ...changes.form })
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...(await proven(issuer + path, 'POST', changes)),
    }
    return answered(
      await httpsSend(certificateOf(changes))(new Request(issuer + path, { method: 'POST', headers, body })),
    )
  }
  async function ask({ body }: Answer, url: string, changes: Changes & { header?: string; query?: string }) {
    const token = String(body.access_token)
    const authorization = changes.header ?? `${body.token_type} ${token}`
    const proof = await proven(url, 'GET', { ...changes, accessToken: token })
    const headers: Record<string, string> = { ...(authorization === '' ? {} : { authorization }), ...proof }
    return answered(await httpsSend(certificateOf(changes))(new Request(url + (changes.query ?? ''), { headers })))
  }
  async function answerOf(page: SeenPage): Promise<Record<string, string>> {
    const told = Object.fromEntries(page.leftTo?.searchParams ?? [])
    if (!variant.jarm || told.response === undefined) return told
    const keys = createLocalJWKSet(await (await httpsSend()(new Request(`${issuer}/jwks`))).json())
    const options = { issuer, audience: client.clientId, currentDate: new Date(clock.now() * 1000) }
    const { payload } = await jwtVerify<JWTPayload & Record<string, string>>(told.response, keys, options)
    return payload as Record<string, string>
  }
  return { post, ask, answerOf }
}

async function assertionForm(
  { issuer, clock }: ConformanceServer,
  { auth }: Variant,
  { client, changes }: { client: SuiteClient; changes: Changes },
): Promise<Text> {
  const { clientId } = client
  if (auth === 'mtls' || changes.assertion === null) return { client_id: clientId }
  const now = Math.floor(clock.now())
  const jti = randomBytes(16).toString('base64url')
  const { payload = {}, header = {}, by = client } = changes.assertion ?? {}
  const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60, jti, ...payload }
  return {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await by.sign(claims, header),
  }
}

/** Fills in the pages as the suite's scripted browser does: name and password, then Allow. */
export async function allow(person: Person, page: SeenPage, decision = 'allow'): Promise<SeenPage> {
  let seen = page
  if (seen.text.includes('name="password"')) seen = await person.submit(seen, alice)
  return seen.text.includes('name="decision"') ? person.submit(seen, { decision }) : seen
}

async function answered(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

function encoded(values: Text): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return new URLSearchParams(given).toString()
}
