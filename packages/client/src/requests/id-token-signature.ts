import { ProtocolError } from '@latchkey/protocol'
import { readJwt, signatureParameters } from '../jwt/json-web-signature.ts'
import type { IdTokenCheck } from './id-token.ts'
import { readAnswer, refuseBusy, unreachable } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'

/** Keys are asked for again at most this often, in seconds, however many unknown `kid`s come. */
const pauseSeconds = 30
const failure = "the provider's keys could not be had"

type Jwk = JsonWebKey & { readonly kid?: string }

/**
 * Checks the signature of ID tokens with the provider's published keys. They are fetched when the first token comes, and
 * again when one names a key that is not among them.
 * @throws ProtocolError `id_token_invalid`; `keys_unavailable` (retryable) while the keys cannot be had.
 * @spec OIDC Core §3.1.3.7, §10.1; RFC 7515 §5.2
 */
export function idTokenSignatures(): IdTokenCheck {
  let keys: readonly Jwk[] | null = null
  let askedAt = Number.NEGATIVE_INFINITY

  async function fetchKeys(connection: ProviderConnection): Promise<readonly Jwk[]> {
    const { jwks_uri: url } = await connection.metadata()
    if (url === undefined) throw new ProtocolError('discovery_failed', `${failure}: the metadata has no jwks_uri`)
    const response = await connection.send(url, { headers: { accept: 'application/json' } }, failure)
    refuseBusy(response, failure)
    const answer = response.ok ? await readAnswer(response, failure) : null
    if (!Array.isArray(answer?.keys)) throw unreachable(`${failure}: no key set came`)
    askedAt = connection.runtime.now()
    keys = answer.keys as readonly Jwk[]
    return keys
  }

  return async (connection, idToken) => {
    const jwt = readJwt(idToken)
    const alg = String(jwt?.header.alg)
    const kid = jwt?.header.kid
    try {
      let candidates = matching(keys ?? (await fetchKeys(connection)), alg, kid)
      if (candidates.length === 0 && connection.runtime.now() - askedAt >= pauseSeconds) {
        candidates = matching(await fetchKeys(connection), alg, kid)
      }
      for (const jwk of candidates) if (jwt !== null && (await verifies(jwk, alg, jwt))) return
    } catch (error) {
      if (!(error instanceof ProtocolError) || !error.retryable) throw error
      throw new ProtocolError('keys_unavailable', error.message, { retryable: true, cause: error })
    }
    throw new ProtocolError('id_token_invalid', 'the ID token is refused: its signature is not of the provider')
  }
}

/** @spec RFC 7517 §4.2, §4.4, §4.5 */
function matching(keys: readonly Jwk[], alg: string, kid: unknown): readonly Jwk[] {
  const kty = alg.startsWith('E') ? (alg.startsWith('Ed') ? 'OKP' : 'EC') : 'RSA'
  return keys.filter(
    (key) =>
      key.kty === kty &&
      (kid === undefined || key.kid === kid) &&
      (key.alg === undefined || key.alg === alg || kty === 'OKP') &&
      (key.use === undefined || key.use === 'sig'),
  )
}

async function verifies(jwk: Jwk, alg: string, jwt: NonNullable<ReturnType<typeof readJwt>>): Promise<boolean> {
  const parameters = signatureParameters(alg)
  const { kty, crv, x, y, n, e } = jwk
  const plain = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JsonWebKey
  const hash = alg.startsWith('E') ? {} : { hash: `SHA-${alg.slice(2)}` }
  try {
    const algorithm = { ...(parameters as object), ...hash, ...(crv === undefined ? {} : { namedCurve: crv }) }
    const key = await crypto.subtle.importKey('jwk', plain, algorithm as never, false, ['verify'])
    return await crypto.subtle.verify(parameters, key, jwt.signature, jwt.signed)
  } catch {
    return false
  }
}
