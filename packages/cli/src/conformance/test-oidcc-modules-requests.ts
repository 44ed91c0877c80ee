import { randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { expect } from 'vitest'
import { newClient, type PlanClient } from './test-oidcc-client.ts'
import { authorizationRequest, authorize, type Changes, gain, type Parameters, runFlow } from './test-oidcc-flow.ts'
import type { Module, Modules } from './test-oidcc-plan.ts'
import { type Run, walk } from './test-oidcc-run.ts'
import type { Walked } from './test-oidcc-script.ts'

/** The person is told on a page, and nothing goes to any redirect URI. @spec RFC 6749 §4.1.2.1 */
export function expectErrorPage(run: Run, { page, did }: Walked, says: string): void {
  expect(run.party.takeCallbacks()).toEqual([])
  expect(did).toEqual([])
  expect(page.url.startsWith(run.server.issuer)).toBe(true)
  expect(page.status).toBe(400)
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  expect(page.text).toContain(says)
}

/** A redirect URI that is not the registered one, in this way. */
export function badRedirectUri(change: (client: PlanClient) => string, registered?: (own: string) => string): Module {
  return async (run) => {
    const redirectUri = registered?.(run.party.redirectUri)
    const client = await newClient(run, redirectUri === undefined ? {} : { redirectUri })
    const request = authorizationRequest(run, client, { redirect_uri: change(client) })
    expectErrorPage(run, await authorize(run, request), 'is not registered for client')
  }
}

/** What the suite repeats beside a request object, since plain OAuth requires it. @spec OIDC Core §6.1 */
function beside(request: Parameters, more: Changes): string {
  const { client_id, response_type, scope, redirect_uri } = request
  const given = Object.entries({ client_id, response_type, scope, redirect_uri, ...more })
  return new URLSearchParams(given.filter((entry): entry is [string, string] => entry[1] !== undefined)).toString()
}

/** Sends a request inside an object and finishes the flow. */
export async function runWithObject(run: Run, client: PlanClient, sent: (request: Parameters) => Promise<Changes>) {
  const request = authorizationRequest(run, client)
  const query = beside(request, await sent(request))
  const walked = await walk(run, run.browser.open(`${run.server.metadata.authorization_endpoint}?${query}`))
  return gain(run, client, { request, walked })
}

const unsigned = (request: Parameters) => new UnsecuredJWT({ ...request }).encode()

/** @spec OIDC Core §6.1 */
function unsignedObject(more: Changes = {}): Module {
  return async (run) => {
    expect(run.server.metadata.request_parameter_supported).toBe(true)
    expect(run.server.metadata.request_object_signing_alg_values_supported).toContain('none')
    await runWithObject(run, await newClient(run), async (request) => ({ request: unsigned(request), ...more }))
  }
}

/** By reference, from an address that the client registered. @spec OIDC Core §6.2 */
export function objectByReference(
  make: (run: Run, client: PlanClient, request: Parameters) => Promise<string> | string,
  asks: Readonly<Record<string, unknown>> = {},
): Module {
  return async (run) => {
    expect(run.server.metadata.request_uri_parameter_supported).toBe(true)
    const path = `/request-object/${randomUUID()}`
    const uri = run.party.origin + path
    const client = await newClient(run, { asks: { request_uris: [uri], ...asks } })
    await runWithObject(run, client, async (request) => {
      run.party.show(path, 'application/oauth-authz-req+jwt', await make(run, client, request))
      return { request_uri: uri }
    })
  }
}

function signedRs256({ server }: Run, { id, signing }: PlanClient, request: Parameters): Promise<string> {
  return new SignJWT({ ...request, iss: id, aud: server.issuer }).setProtectedHeader({ alg: 'RS256' }).sign(signing.key)
}

/** @spec OIDC Registration §2 request_object_signing_alg */
async function byReferenceSigned(run: Run): Promise<void> {
  expect(run.server.metadata.request_object_signing_alg_values_supported).toContain('RS256')
  await objectByReference(signedRs256, { request_object_signing_alg: 'RS256' })(run)
}

/** @spec OIDC Core §3.1.2.1 */
async function redirectUriMissing(run: Run): Promise<void> {
  const request = authorizationRequest(run, await newClient(run), { redirect_uri: undefined })
  expectErrorPage(run, await authorize(run, request), 'parameter &quot;redirect_uri&quot; is missing')
}

async function redirectUriQueryOk(run: Run): Promise<void> {
  await runFlow(run, await newClient(run, { redirectUri: `${run.party.redirectUri}?bar=foo` }))
}

const unsignedByReference = objectByReference((_run, _client, request) => unsigned(request))

export const requestModules: Modules = {
  'oidcc-ensure-registered-redirect-uri': badRedirectUri(({ redirectUri }) => `${redirectUri}/${randomUUID()}`),
  'oidcc-ensure-redirect-uri-in-authorization-request': redirectUriMissing,
  'oidcc-redirect-uri-query-OK': redirectUriQueryOk,
  'oidcc-redirect-uri-query-mismatch': badRedirectUri(
    ({ redirectUri }) => redirectUri.replace('bar=foo', 'bar=bar'),
    (own) => `${own}?bar=foo`,
  ),
  'oidcc-redirect-uri-query-added': badRedirectUri(({ redirectUri }) => `${redirectUri}?foo=bar`),
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported': unsignedObject(),
  'oidcc-ensure-request-object-with-redirect-uri': unsignedObject({ redirect_uri: 'https://invalid.example/callback' }),
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported': unsignedByReference,
  'oidcc-request-uri-unsigned': unsignedByReference,
  'oidcc-request-uri-signed-rs256': byReferenceSigned,
}
