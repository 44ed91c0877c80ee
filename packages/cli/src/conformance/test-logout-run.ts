import type { Person, SeenPage } from '@latchkey/testing'
import { expect } from 'vitest'
import { type ConformanceServer, conformanceServer, exampleConfig } from './test-conformance-server.ts'
import { allow } from './test-fapi-client.ts'
import { httpsSend } from './test-https.ts'
import { type LogoutParty, openLogoutParty } from './test-logout-party.ts'

export interface LogoutHouse {
  readonly server: ConformanceServer
  readonly party: LogoutParty
  close(): Promise<void>
}

/** The example server with the clients of the logout plans, and the suite beside it. */
export async function openLogoutHouse(): Promise<LogoutHouse> {
  const party = await openLogoutParty()
  const example = exampleConfig('oidcc.json') as { clients: readonly object[] }
  const added = exampleConfig('logout-clients.json') as unknown as readonly object[]
  const text = JSON.stringify({ ...example, clients: [...example.clients, ...added] })
    .replaceAll('https://localhost.emobix.co.uk:8443', party.origin)
    .replaceAll('localhost.emobix.co.uk', new URL(party.origin).hostname)
  const server = await conformanceServer(JSON.parse(text))
  return {
    server,
    party,
    async close() {
      await server.close()
      await party.close()
    },
  }
}

/** A person who signed in at the client of a plan. */
export interface SignedIn {
  readonly person: Person
  readonly idToken: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly sessionState: string
  readonly clientId: string
  readonly redirectUri: string
  /** Where the suite wants to be led back to. */
  readonly leaving: string
  /** As long as the suite makes it, to see whether it comes back whole. */
  readonly state: string
  /** Opens the end session endpoint with the suite's parameters, changed so; undefined takes one away. */
  end(changes?: Readonly<Record<string, string | undefined>>): Promise<SeenPage>
  /** What `prompt=none` is answered with. */
  silently(): Promise<URLSearchParams>
}

export async function signInAt({ server, party }: LogoutHouse, clientId = 'conformance-logout'): Promise<SignedIn> {
  const base = `${party.origin}/test/a/latchkey`
  const redirectUri = `${base}/callback`
  const person = server.person()
  const ask = (more: Readonly<Record<string, string>> = {}) =>
    person.open(`/authorize?${new URLSearchParams({ ...request(clientId, redirectUri), ...more })}`)
  const { leftTo } = await allow(person, await ask())
  const answer = leftTo?.searchParams ?? new URLSearchParams()
  const idToken = await redeem(server, { clientId, redirectUri, code: answer.get('code') ?? '' })
  const [, payload = ''] = idToken.split('.')
  const state = 's'.repeat(128)
  const leaving = `${base}/post_logout_redirect`
  return {
    person,
    idToken,
    claims: JSON.parse(Buffer.from(payload, 'base64url').toString()),
    sessionState: answer.get('session_state') ?? '',
    clientId,
    redirectUri,
    leaving,
    state,
    end(changes = {}) {
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: leaving, state, ...changes }
      const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
      return person.open(`/end-session?${new URLSearchParams(given)}`)
    },
    silently: async () => (await ask({ prompt: 'none' })).leftTo?.searchParams ?? new URLSearchParams(),
  }
}

function request(clientId: string, redirectUri: string): Record<string, string> {
  return {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 'of-the-request',
    nonce: 'once',
  }
}

async function redeem(
  { issuer }: ConformanceServer,
  { clientId, redirectUri, code }: { clientId: string; redirectUri: string; code: string },
): Promise<string> {
  const clients = exampleConfig('logout-clients.json') as unknown as readonly Record<string, string>[]
  const secret = clients.find(({ client_id }) => client_id === clientId)?.client_secret ?? ''
  const headers = {
    authorization: `Basic ${btoa(`${clientId}:${secret}`)}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }).toString()
  const answer = await httpsSend()(new Request(`${issuer}/token`, { method: 'POST', headers, body }))
  expect(answer.status).toBe(200)
  return String((await answer.json()).id_token)
}

/** What the suite asks of a logout that went well: back where it asked, with its state alone, and nobody signed in. */
export async function expectSignedOut(signedIn: SignedIn, leftTo: URL | null | undefined): Promise<void> {
  expect(leftTo === null || leftTo === undefined ? null : leftTo.origin + leftTo.pathname).toBe(signedIn.leaving)
  expect([...(leftTo?.searchParams ?? [])]).toEqual([['state', signedIn.state]])
  await expectNobody(signedIn)
}

export async function expectNobody(signedIn: SignedIn): Promise<void> {
  const answer = await signedIn.silently()
  expect(answer.get('error')).toBe('login_required')
  expect(answer.get('state')).toBe('of-the-request')
}
