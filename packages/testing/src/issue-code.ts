import { createHash } from 'node:crypto'
import type { AuthorizationDetail, ClientMetadata } from '@latchkey/protocol'
import type { Account, HandleHash, SessionRecord, Store } from '@latchkey/provider'
import type { FormFields } from './test-provider.ts'
import type { TestRuntime } from './test-runtime.ts'

export interface IssueCodeOptions {
  /** `web` unless said otherwise. */
  readonly client?: string
  readonly username?: string
  /** Space-separated. */
  readonly scope?: string
  readonly resource?: string | readonly string[]
  readonly nonce?: string
  /** The key the authorization request named. @spec RFC 9449 §10 */
  readonly dpopJkt?: string
  /** @spec RFC 9396 §2 */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  readonly redirectUri?: string
  /** Whether the authorization request named the redirect URI. */
  readonly redirectUriGiven?: boolean
  /** Whether there was a code challenge; true unless said otherwise. */
  readonly pkce?: boolean
  /** Seconds. */
  readonly lifetime?: number
}

export interface IssuedCode {
  readonly clientId: string
  readonly code: string
  readonly verifier: string
  readonly familyId: string
  /** The public id of the session behind the code. */
  readonly sid: string
  readonly redirectUri: string
  /** What the client sends to the token endpoint for it. */
  readonly form: FormFields
}

interface House {
  readonly store: Store
  readonly runtime: TestRuntime
  readonly people: readonly Account[]
  readonly clients: readonly ClientMetadata[]
}

/** A code with a session behind it, written to the store as the authorization endpoint writes it. */
export async function issueCode(house: House, options: IssueCodeOptions = {}): Promise<IssuedCode> {
  const { client: clientId = 'web', scope = 'openid profile email', pkce = true } = options
  const now = Math.floor(house.runtime.now())
  const { handle, hash } = handleAt(house.runtime)
  const verifier = random(house.runtime, 32)
  const session = await startSession(house, options.username ?? 'alice')
  const redirectUri = options.redirectUri ?? redirectUriOf(house, clientId)
  const familyId = handleAt(house.runtime).handle.slice(0, 33)
  await house.store.codes.create({
    hash,
    grounds: {
      familyId,
      clientId,
      sub: session.sub,
      scope: scope.split(' ').filter((value) => value !== ''),
      resources: [options.resource ?? []].flat(),
      sid: session.sid,
      authTime: session.authTime,
      acr: session.acr,
      amr: session.amr,
      cnf: options.dpopJkt === undefined ? null : { jkt: options.dpopJkt },
      ...(options.authorizationDetails === undefined ? {} : { authorizationDetails: options.authorizationDetails }),
    },
    redirectUri,
    redirectUriGiven: options.redirectUriGiven ?? true,
    nonce: options.nonce ?? null,
    codeChallenge: pkce ? sha256(verifier) : null,
    createdAt: now,
    expiresAt: now + (options.lifetime ?? 60),
  })
  const proof = pkce ? { code_verifier: verifier } : {}
  const form = { grant_type: 'authorization_code', code: handle, redirect_uri: redirectUri, ...proof }
  return { clientId, code: handle, verifier, familyId, sid: session.sid, redirectUri, form }
}

async function startSession({ store, runtime, people }: House, username: string): Promise<SessionRecord> {
  const person = people.find((candidate) => candidate.username === username)
  if (person === undefined) throw new Error(`there is no test person "${username}"`)
  const now = Math.floor(runtime.now())
  const record: SessionRecord = {
    hash: handleAt(runtime).hash,
    sid: random(runtime, 16),
    sub: person.sub,
    authTime: now,
    amr: ['pwd'],
    acr: null,
    expiresAt: now + 1_209_600,
  }
  await store.sessions.create(record, null)
  return record
}

function redirectUriOf({ clients }: House, clientId: string): string {
  const uri = clients.find((client) => client.client_id === clientId)?.redirect_uris[0]
  if (uri === undefined) throw new Error(`the client "${clientId}" has no redirect URI`)
  return uri
}

/** A handle in the provider's form: 11 hex digits of time, then 256 random bits. */
function handleAt(runtime: TestRuntime): { handle: string; hash: HandleHash } {
  const time = Math.floor(runtime.now() * 1000)
    .toString(16)
    .padStart(11, '0')
  const handle = time + random(runtime, 32)
  return { handle, hash: (time + sha256(handle)) as HandleHash }
}

function random(runtime: TestRuntime, length: number): string {
  return Buffer.from(runtime.randomBytes(length)).toString('base64url')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
