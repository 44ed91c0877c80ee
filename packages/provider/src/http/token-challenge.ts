import { formatChallenge, type OAuthError, parseAuthorizationHeader, type SigningAlg } from '@latchkey/protocol'

/** What may stand in a challenge at an endpoint that takes access tokens. @spec RFC 6750 §3.1; RFC 9449 §7.1 */
const challengeErrors: readonly string[] = [
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  'invalid_dpop_proof',
  'use_dpop_nonce',
]

const dpopErrors: readonly string[] = ['invalid_dpop_proof', 'use_dpop_nonce']

/** The status of an error where an access token is taken: there, a proof that fails is a failed authentication. @spec RFC 9449 §7.1 */
export function challengeStatus(error: OAuthError): number {
  return dpopErrors.includes(error.code) ? 401 : error.status
}

/** Both schemes, and no error where no token was sent. @spec RFC 6750 §3.1; RFC 9449 §7.1 */
export function bareChallenges(realm: string, algs: readonly SigningAlg[]): string {
  return `${formatChallenge('Bearer', { realm })}, ${formatChallenge('DPoP', { algs: algs.join(' ') })}`
}

/** The error stands in the scheme that was tried; after a bearer token the other scheme is named too. @spec RFC 9449 §7.1 */
export function tokenChallenge(
  place: { readonly realm: string; readonly scope: string; readonly algs: readonly SigningAlg[] },
  error: OAuthError,
  request: Request,
): string | null {
  if (!challengeErrors.includes(error.code)) return null
  const { realm, scope } = place
  const algs = place.algs.join(' ')
  const said = {
    error: error.code,
    error_description: error.description,
    scope: error.code === 'insufficient_scope' ? scope : undefined,
  }
  const header = request.headers.get('authorization')
  const isDpop = parseAuthorizationHeader(header).scheme === 'dpop' || /^dpop\b/i.test(header ?? '')
  if (isDpop) return formatChallenge('DPoP', { ...said, algs })
  return `${formatChallenge('Bearer', { realm, ...said })}, ${formatChallenge('DPoP', { algs })}`
}
