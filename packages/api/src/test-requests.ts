import { exportSPKI, importJWK } from 'jose'
import { audience, newKey, type TestIssuer } from './test-issuer.ts'

export interface Expected {
  readonly status: number
  readonly error?: string
  readonly detail?: string
  /** Bearer unless said otherwise. */
  readonly scheme?: 'DPoP'
  /** The whole challenge, where it is not the usual one. */
  readonly challenge?: string
  /** Further parameters of the challenge, as they stand there. */
  readonly parameters?: string
}

export type Row = readonly [title: string, token: () => string | Promise<string>, expected: Expected]

export const resourceMetadataUrl = `${audience}/.well-known/oauth-protected-resource`
const tail = `resource_metadata="${resourceMetadataUrl}"`
const algs = 'algs="ES256 EdDSA PS256 RS256"'

/** What to bring: both schemes. */
export const bareChallenge = `Bearer realm="${audience}", ${tail}, DPoP realm="${audience}", ${tail}, ${algs}`

export function challengeOf({ error, detail, scheme, challenge, parameters }: Expected): string {
  if (challenge !== undefined) return challenge
  const said = `realm="${audience}", error="${error}", error_description="${detail}"`
  const whole = [said, ...(parameters === undefined ? [] : [parameters]), tail].join(', ')
  return scheme === 'DPoP' ? `DPoP ${whole}, ${algs}` : `Bearer ${whole}`
}

const notAccepted = 'the token is not an access token that this API accepts'
export const refused = (detail: string): Expected => ({ status: 401, error: 'invalid_token', detail })
export const bare: Expected = { status: 401, challenge: bareChallenge }
export const malformed: Expected = {
  status: 400,
  error: 'invalid_request',
  detail: 'the Authorization header must be one credential: Bearer <token>',
}

function unsigned(header: object, payload: object, signature = 'c2ln'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}

/** Every way of a token to be wrong, and the few to be right: the answer is the same in every framework. */
export function tokenRows(of: () => TestIssuer): readonly Row[] {
  const issuer = {
    get issuer() {
      return of().issuer
    },
    get key() {
      return of().key
    },
    get runtime() {
      return of().runtime
    },
    token: (...given: Parameters<TestIssuer['token']>) => of().token(...given),
  }
  function goodClaims(): object {
    const now = issuer.runtime.now()
    return { iss: issuer.issuer, aud: audience, sub: 's', client_id: 'c', jti: 'j', iat: now, exp: now + 60 }
  }
  return [
    ['a good token passes', () => issuer.token(), { status: 200 }],
    [
      'RFC 7519 §4.1.3: one of several audiences is enough',
      () => issuer.token({ aud: ['x', 'urn:second'] }),
      { status: 200 },
    ],
    [
      'RFC 7515 §4.1.9: application/at+jwt is at+jwt',
      () => issuer.token({}, { typ: 'application/AT+JWT' }),
      { status: 200 },
    ],
    ['features 39: an ID token (typ JWT) is refused', () => issuer.token({}, { typ: 'JWT' }), refused(notAccepted)],
    ['features 39: a JWT without typ is refused', () => issuer.token({}, { typ: undefined }), refused(notAccepted)],
    ['features 39: a logout token is refused', () => issuer.token({}, { typ: 'logout+jwt' }), refused(notAccepted)],
    [
      'RFC 9068 §4: another issuer is refused',
      () => issuer.token({ iss: 'https://evil.test' }),
      refused('the access token is from another issuer'),
    ],
    [
      'RFC 9068 §4: another audience is refused',
      () => issuer.token({ aud: `${audience}/` }),
      refused('the access token is for another audience'),
    ],
    [
      'RFC 9068 §4: no audience is refused',
      () => issuer.token({ aud: undefined }),
      refused('the access token is for another audience'),
    ],
    [
      'RFC 9068 §4: a token is refused from the second it expires',
      () => issuer.token({ exp: issuer.runtime.now() }),
      refused('the access token expired'),
    ],
    [
      'RFC 9068 §2.2: a token without exp is refused',
      () => issuer.token({ exp: undefined }),
      refused('the access token has no expiry'),
    ],
    [
      'RFC 7519 §4.1.5: a token before its nbf is refused',
      () => issuer.token({ nbf: issuer.runtime.now() + 60 }),
      refused('the access token is not valid yet'),
    ],
    [
      'a token from the future is refused',
      () => issuer.token({ iat: issuer.runtime.now() + 60 }),
      refused('the access token was issued in the future'),
    ],
    [
      'a token from a clock two seconds ahead passes',
      () => issuer.token({ iat: issuer.runtime.now() + 2 }),
      { status: 200 },
    ],
    [
      'RFC 9068 §2.2: a token without sub is refused',
      () => issuer.token({ sub: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'RFC 9068 §2.2: a token without client_id is refused',
      () => issuer.token({ client_id: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'RFC 9068 §2.2: a token without jti is refused',
      () => issuer.token({ jti: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'features 20, 41: a token bound to a key is refused as Bearer',
      () => issuer.token({ cnf: { jkt: 'thumbprint' } }),
      { ...refused('the access token is bound to a key and must not be sent as a bearer token'), scheme: 'DPoP' },
    ],
    [
      'RFC 8725 §3.1: alg none is refused',
      () => unsigned({ typ: 'at+jwt', alg: 'none' }, goodClaims()),
      refused(notAccepted),
    ],
    [
      'features 43: HS256 with the public key as its secret is refused',
      async () => {
        const pem = await exportSPKI(
          (await importJWK(issuer.key.publicJwk, 'ES256', { extractable: true })) as CryptoKey,
        )
        return issuer.token({}, { alg: 'HS256' }, { ...issuer.key, privateKey: new TextEncoder().encode(pem) })
      },
      refused(notAccepted),
    ],
    [
      'features 43: an alg of another key type than the kid is refused',
      async () => issuer.token({}, { kid: 'first' }, await newKey('RS256', 'first')),
      refused('the access token was signed with an unknown key'),
    ],
    [
      'RFC 7515 §4.1.11: crit is refused',
      () => unsigned({ typ: 'at+jwt', alg: 'ES256', kid: 'first', crit: ['b64'], b64: false }, goodClaims()),
      refused(notAccepted),
    ],
    [
      'RFC 8725 §3.10: a key that the token itself brings (jwk, jku) is not used',
      async () => {
        const own = await newKey('ES256', 'first')
        return issuer.token({}, { jwk: own.publicJwk, jku: 'http://127.0.0.1:1/jwks' }, own)
      },
      refused('the signature of the access token is wrong'),
    ],
    [
      'an unknown kid is refused',
      () => issuer.token({}, { kid: 'unheard-of' }),
      refused('the access token was signed with an unknown key'),
    ],
    [
      'a changed payload is refused',
      async () => {
        const [header, , signature] = (await issuer.token()).split('.')
        return [
          header,
          Buffer.from(JSON.stringify({ ...goodClaims(), sub: 'mallory' })).toString('base64url'),
          signature,
        ].join('.')
      },
      refused('the signature of the access token is wrong'),
    ],
    [
      'a signature cut short is refused',
      async () => (await issuer.token()).slice(0, -8),
      refused('the signature of the access token is wrong'),
    ],
    ['a header that is no JSON is refused', () => 'eA.eA.eA', refused(notAccepted)],
    ['an opaque token is refused', () => 'Zm9vYmFy', refused(notAccepted)],
    ['an encrypted token (five parts) is refused', () => 'e30.e30.e30.e30.e30', refused(notAccepted)],
  ]
}
