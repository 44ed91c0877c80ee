import { type ClientMetadata, OAuthError, type OAuthErrorCode, type TokenResponse } from '@latchkey/protocol'
import {
  type Account,
  createProvider,
  type Provider,
  type ProviderEvent,
  type ProviderOptions,
  type Store,
} from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { type IssueCodeOptions, type IssuedCode, issueCode } from './issue-code.ts'
import { testAccounts, testPeople } from './test-accounts.ts'
import { testClients, testResources } from './test-clients.ts'
import { type TestClock, type TestRuntime, testRuntime } from './test-runtime.ts'

export interface TestProviderOptions extends Partial<Omit<ProviderOptions, 'onEvent' | 'runtime'>> {
  readonly people?: readonly Account[]
  readonly runtime?: TestRuntime
  /** Clients beside the usual ones. */
  readonly moreClients?: readonly ClientMetadata[]
}

/** What `signIn` returns: the answer of the token endpoint, and for whom. */
export interface SignedIn extends TokenResponse {
  readonly clientId: string
}

export interface TestProvider {
  readonly provider: Provider
  readonly issuer: string
  readonly store: Store
  readonly clock: TestClock
  readonly runtime: TestRuntime
  /** Everything the provider told of, oldest first. */
  readonly events: readonly ProviderEvent[]
  /** Sends one request; a path stands below the issuer. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** Posts a form as this client would, authenticated in its registered way. */
  post(path: string, clientId: string, form: FormFields): Promise<Response>
  /** A token request; throws the `OAuthError` that the provider answered. */
  token(clientId: string, form: FormFields): Promise<TokenResponse>
  /** A code as `/authorize` would have issued it, without the pages. */
  code(options?: IssueCodeOptions): Promise<IssuedCode>
  /** Code and token request in one. */
  signIn(options?: IssueCodeOptions): Promise<SignedIn>
  refresh(tokens: SignedIn, form?: FormFields): Promise<SignedIn>
  close(): Promise<void>
}

export type FormFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** 32 bytes that every test provider encrypts its keys with, so that several can share a store. */
export const testKeyEncryptionKey = new Uint8Array(32).fill(7)

/** A real provider in the process: memory store, a clock to move, people without passwords. */
export async function testProvider(options: TestProviderOptions = {}): Promise<TestProvider> {
  const { people = testPeople, moreClients = [], runtime = testRuntime(), ...given } = options
  const events: ProviderEvent[] = []
  const store = given.store ?? createMemoryStore()
  const clients = [...(given.clients ?? testClients), ...moreClients]
  const provider = await createProvider({
    issuer: 'https://id.example.com',
    keyEncryptionKey: testKeyEncryptionKey,
    resources: testResources,
    accounts: testAccounts(people),
    ...given,
    store,
    clients,
    runtime,
    onEvent: (event) => events.push(event),
  })
  const known = new Map(clients.map((client) => [client.client_id, client]))
  const request = (path: string, init?: RequestInit) => provider.fetch(new Request(provider.issuer + path, init))
  const post: TestProvider['post'] = (path, clientId, form) =>
    request(path, formRequest(form, known.get(clientId) ?? { client_id: clientId, token_endpoint_auth_method: 'none' }))
  const token: TestProvider['token'] = async (clientId, form) => tokenResponse(await post('/token', clientId, form))
  const code: TestProvider['code'] = (asked) => issueCode({ store, runtime, people, clients }, asked)
  return {
    provider,
    issuer: provider.issuer,
    store,
    clock: runtime.clock,
    runtime,
    events,
    request,
    post,
    token,
    code,
    async signIn(asked) {
      const { clientId, form } = await code(asked)
      return { clientId, ...(await token(clientId, form)) }
    },
    async refresh(tokens, form = {}) {
      const { clientId, refresh_token } = tokens
      return { clientId, ...(await token(clientId, { grant_type: 'refresh_token', refresh_token, ...form })) }
    },
    close: () => provider.close(),
  }
}

type Sender = Pick<ClientMetadata, 'client_id' | 'client_secret' | 'token_endpoint_auth_method'>

function formRequest(form: FormFields, sender: Sender): RequestInit {
  const { client_id: clientId, client_secret: secret = '', token_endpoint_auth_method: method } = sender
  const body = encodeForm(form)
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
  if (method === 'client_secret_basic') headers.authorization = basic(clientId, secret)
  else if (!body.has('client_id')) body.set('client_id', clientId)
  if (method === 'client_secret_post') body.set('client_secret', secret)
  return { method: 'POST', headers, body: body.toString() }
}

/** `Authorization: Basic` of a client. @spec RFC 6749 §2.3.1 */
export function basic(clientId: string, secret: string): string {
  return `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}`
}

export function encodeForm(form: FormFields): URLSearchParams {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) {
    for (const one of [value ?? []].flat()) body.append(name, one)
  }
  return body
}

/** The tokens of an answer; @throws OAuthError as the provider sent it. */
export async function tokenResponse(response: Response): Promise<TokenResponse> {
  const body = await response.json()
  if (response.status === 200) return body
  throw new OAuthError(body.error as OAuthErrorCode, String(body.error_description))
}

/** Passes when the promise is rejected with this OAuth error; resolves with it. */
export async function expectOAuthError(promise: Promise<unknown>, code: OAuthErrorCode): Promise<OAuthError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof OAuthError && error.code === code) return error
    throw new Error(`expected the OAuth error ${code}, got: ${String(error)}`, { cause: error })
  }
  throw new Error(`expected the OAuth error ${code}, but the call succeeded`)
}
