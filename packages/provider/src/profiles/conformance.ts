import type { ServerMetadata } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { fapi2 } from './fapi2.ts'
import { mcp } from './mcp.ts'
import type { Metadata, Profile, Shortfall } from './profile.ts'

/** One specification against which clients are held. */
export interface Standard {
  readonly name: string
  /** What the server as a whole falls short of. */
  server(metadata: ServerMetadata, rules: { readonly requireResource: boolean }): readonly Shortfall[]
  client(metadata: Metadata): readonly Shortfall[]
}

/** What holds or does not, in a sentence each: one line a check. */
interface Check<Subject> {
  readonly spec: string
  readonly fails: (subject: Subject) => boolean
  readonly problem: string
  readonly fix: string
}

const isPublic = (client: Metadata) => client.token_endpoint_auth_method === 'none'
const isBound = (client: Metadata) =>
  client.dpop_bound_access_tokens || client.tls_client_certificate_bound_access_tokens
const signsPeopleIn = (client: Metadata) => client.grant_types.includes('authorization_code')

const oauth21Checks: readonly Check<Metadata>[] = [
  {
    spec: 'OAuth 2.1 §4.1.1; RFC 9700 §2.1.1',
    fails: (client) => signsPeopleIn(client) && !client.require_pkce,
    problem: 'its authorization requests need no PKCE',
    fix: 'set require_pkce to true',
  },
  {
    spec: 'OAuth 2.1 §10.1; RFC 9700 §2.1.2',
    fails: (client) => client.response_types.some((type) => type.split(' ').includes('token')),
    problem: 'it may get access tokens in the authorization response',
    fix: 'take the response types with "token" away and use "code"',
  },
  {
    spec: 'OAuth 2.1 §4.3.1; RFC 9700 §4.14.2',
    fails: (client) => isPublic(client) && client.refresh_token_policy !== 'rotate' && !isBound(client),
    problem: 'it is public, and its refresh tokens are neither rotated nor bound to a key',
    fix: 'set refresh_token_policy to "rotate", or dpop_bound_access_tokens to true',
  },
]

const rfc9700Checks: readonly Check<Metadata>[] = [
  ...oauth21Checks,
  {
    spec: 'RFC 9700 §2.2.1',
    fails: (client) => !isBound(client),
    problem: 'its access tokens work for whoever holds them',
    fix: 'set dpop_bound_access_tokens to true once the client sends DPoP proofs (recommended, not required)',
  },
  {
    spec: 'RFC 9700 §2.5',
    fails: (client) => !isPublic(client) && client.token_endpoint_auth_method.startsWith('client_secret'),
    problem: 'it proves itself with a secret that both sides know',
    fix: 'use private_key_jwt or a client certificate (recommended, not required)',
  },
]

const fapi2Checks: readonly Check<Metadata>[] = [
  {
    spec: 'FAPI 2.0 §5.3.2.2',
    fails: (client) => signsPeopleIn(client) && !client.require_pushed_authorization_requests,
    problem: 'it may ask without pushing its request',
    fix: 'set require_pushed_authorization_requests to true',
  },
  {
    spec: 'FAPI 2.0 §5.3.2.1',
    fails: (client) => !isBound(client),
    problem: 'its access tokens are not bound to a key',
    fix: 'set dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens to true',
  },
  {
    spec: 'FAPI 2.0 §5.4.1',
    fails: (client) => client.id_token_signed_response_alg === 'RS256',
    problem: 'its ID tokens are signed with RS256',
    fix: 'set id_token_signed_response_alg to PS256, ES256 or EdDSA',
  },
  {
    spec: 'FAPI 2.0 §5.3.2.1',
    fails: (client) => client.refresh_token_policy === 'rotate' && client.grant_types.includes('refresh_token'),
    problem: 'its refresh tokens are rotated',
    fix: 'set refresh_token_policy to "fapi"',
  },
]

const mcpChecks: readonly Check<Metadata>[] = [
  {
    spec: 'MCP Authorization; RFC 7636',
    fails: (client) => signsPeopleIn(client) && !client.require_pkce,
    problem: 'its authorization requests need no PKCE',
    fix: 'set require_pkce to true',
  },
  {
    spec: 'MCP Authorization; RFC 9700 §4.14.2',
    fails: (client) => isPublic(client) && client.refresh_token_policy !== 'rotate',
    problem: 'it is public, and its refresh tokens are not rotated',
    fix: 'set refresh_token_policy to "rotate"',
  },
]

const serverIss: Check<ServerMetadata> = {
  spec: 'RFC 9700 §2.1; RFC 9207 §3',
  fails: (server) => server.authorization_response_iss_parameter_supported !== true,
  problem: 'authorization responses do not name the issuer',
  fix: 'leave the parameter iss on',
}

/** One line a standard, in the order of the page. */
export const standards: readonly Standard[] = [
  { name: 'OAuth 2.1', server: (server) => run([serverIss], server), client: (client) => run(oauth21Checks, client) },
  { name: 'RFC 9700', server: (server) => run([serverIss], server), client: (client) => run(rfc9700Checks, client) },
  {
    name: 'FAPI 2.0',
    server: (server) =>
      run(
        [
          serverIss,
          {
            spec: 'FAPI 2.0 §5.3.2.2',
            fails: ({ require_pushed_authorization_requests: required }) => required !== true,
            problem: 'authorization requests need not be pushed',
            fix: 'set "profile": "fapi2", or "require_pushed_authorization_requests": true',
          },
          {
            spec: 'FAPI 2.0 §5.2.2',
            fails: ({ issuer }) => !issuer.startsWith('https:'),
            problem: 'the server speaks http',
            fix: 'serve it over https',
          },
        ],
        server,
      ),
    client: (client) => [...fapi2.refusals(client), ...run(fapi2Checks, client)],
  },
  {
    name: 'MCP',
    server: (server, { requireResource }) =>
      run(
        [
          serverIss,
          {
            spec: 'MCP Authorization; RFC 8707 §2',
            fails: () => !requireResource,
            problem: 'authorization requests need not name the resource they are for',
            fix: 'set "profile": "mcp", or "require_resource": true',
          },
          {
            spec: 'MCP Authorization, Client Registration',
            fails: ({ client_id_metadata_document_supported: documents, registration_endpoint: endpoint }) =>
              documents !== true && endpoint === undefined,
            problem: 'clients that nobody knows beforehand cannot come',
            fix: 'set "client_id_metadata_documents": true, or "client_registration"',
          },
        ],
        server,
      ),
    client: (client) => [...mcp.refusals(client), ...run(mcpChecks, client)],
  },
]

/** What a client falls short of, as the profile that is switched on treats it. */
export function shortfallsOf(standard: Standard, client: RegisteredClient, profile: Profile): readonly Shortfall[] {
  return standard.client(profile.client(client.metadata))
}

function run<Subject>(checks: readonly Check<Subject>[], subject: Subject): readonly Shortfall[] {
  return checks.filter(({ fails }) => fails(subject)).map(({ spec, problem, fix }) => ({ spec, problem, fix }))
}
