import { agentCertificate, derOf, selfSignedCertificate } from '@latchkey/testing'
import { importJWK, type JWK, SignJWT } from 'jose'
import { exampleConfig } from './test-conformance-server.ts'
import type { Pair } from './test-https.ts'

/** How the suite's plan is run: its variants, one member each. */
export interface Variant {
  readonly auth: 'private_key_jwt' | 'mtls'
  readonly sender: 'dpop' | 'mtls'
  readonly openid: boolean
  readonly signed: boolean
  readonly jarm: boolean
}

export function nameOf({ auth, sender, openid, signed, jarm }: Variant): string {
  const kind = openid ? 'openid_connect' : 'plain_oauth'
  const request = signed ? 'signed_non_repudiation' : 'unsigned'
  return [auth, sender, kind, request, jarm ? 'jarm' : 'plain_response'].join(', ')
}

type Members = Readonly<Record<string, unknown>>

/** One of the suite's two clients: what it signs with, and the certificate it shows. */
export interface SuiteClient {
  readonly clientId: string
  readonly redirectUri: string
  readonly certificate: Pair
  /** A compact JWT; `alg` in the header chooses another algorithm for the same key. */
  sign(payload: Members, header?: Members): Promise<string>
}

const suite = exampleConfig('fapi2-suite.json') as Record<'client' | 'client2', { jwks: { keys: JWK[] } }>
const certificates: readonly [Pair, Pair] = [agentCertificate, selfSignedCertificate]

/** The API of plain OAuth runs, where userinfo is none. */
export const accountsApi = 'https://accounts.example.com'

interface ExampleClient extends Members {
  readonly client_id: string
  readonly redirect_uris: readonly string[]
  readonly jwks: { readonly keys: readonly Members[] }
}

/** The example configuration of the guide, as its last section says to change it for this variant. */
export function configFor(variant: Variant): Readonly<Record<string, unknown>> {
  const example = exampleConfig('fapi2.json') as { clients: readonly ExampleClient[] }
  const [first, second] = example.clients
  if (first === undefined || second === undefined) throw new Error('the example has two clients')
  return {
    ...example,
    resources: [
      {
        identifier: accountsApi,
        name: 'Accounts',
        scopes: ['accounts'],
        access_token_format: 'jwt',
        access_token_signing_alg: 'PS256',
      },
    ],
    clients: [
      { ...first, ...changesFor(variant), ...byCertificate(variant, tlsName) },
      { ...second, ...changesFor(variant), ...byCertificate(variant, listed(second)) },
    ],
  }
}

function changesFor({ sender, signed }: Variant): Members {
  return {
    dpop_bound_access_tokens: sender === 'dpop',
    tls_client_certificate_bound_access_tokens: sender === 'mtls',
    require_signed_request_object: signed,
    authorization_signed_response_alg: 'PS256',
    id_token_signed_response_alg: 'PS256',
  }
}

const tlsName = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_subject_dn: 'CN=agent,OU=Robots,O=Acme\\, Inc.,C=DE',
}

/** The other kind of client certificate: its own authority, and listed among the keys. @spec RFC 8705 §2.2 */
function listed({ jwks }: ExampleClient): Members {
  const x5c = [Buffer.from(derOf(selfSignedCertificate.cert)).toString('base64')]
  return {
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: { keys: [...jwks.keys, { kty: 'EC', crv: 'P-256', ...selfSignedPoint, kid: 'tls', x5c }] },
  }
}

/** The public key of `selfSignedCertificate`. */
const selfSignedPoint = {
  x: 'BtAXBtijxcmd2wotTtmjSc4RScF0fDHpHhlRlJ05Yi8',
  y: '2P1v5xgS2MGOMnFa5V1aJaXAKRzR_Pgj4taMgrSTaVo',
}

function byCertificate({ auth }: Variant, members: Members): Members {
  return auth === 'mtls' ? members : {}
}

export function suiteClient(which: 1 | 2): SuiteClient {
  const example = exampleConfig('fapi2.json') as { clients: readonly ExampleClient[] }
  const { client_id: clientId, redirect_uris } = example.clients[which - 1] as ExampleClient
  const [jwk] = suite[which === 1 ? 'client' : 'client2'].jwks.keys
  if (jwk === undefined) throw new Error('the suite’s client has no key')
  return {
    clientId,
    redirectUri: redirect_uris[0] ?? '',
    certificate: certificates[which - 1] as Pair,
    async sign(payload, header = {}) {
      const alg = typeof header.alg === 'string' ? header.alg : 'PS256'
      const key = await importJWK({ ...jwk, alg }, alg)
      const given = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
      return new SignJWT(given).setProtectedHeader({ kid: String(jwk.kid), ...header, alg }).sign(key)
    },
  }
}
