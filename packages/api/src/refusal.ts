import { OAuthError, ProtocolError } from '@latchkey/protocol'
import { bareTerms, type ChallengeTerms, challenge, invitation } from './challenge.ts'

/** An answer to send instead of the resource. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A problem document as JSON text. @spec RFC 9457 §3 */
  readonly body: string
}

export interface RefusalContext {
  readonly terms?: ChallengeTerms
  readonly scheme?: 'Bearer' | 'DPoP'
  /** Further parameters of the challenge and members of the body: `scope`, `acr_values`, `max_age`. */
  readonly members?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The reason phrases of refusals. @spec RFC 9110 §15 */
export const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** At an API a wrong proof is a wrong credential. @spec RFC 9449 §7.1, §9 */
const statusHere: Readonly<Record<string, number>> = { invalid_dpop_proof: 401, use_dpop_nonce: 401 }

/** No credential came: the challenge says only what to bring. @spec RFC 6750 §3.1 */
export function refuseAnonymous(terms: ChallengeTerms, headers: Readonly<Record<string, string>> = {}): Refusal {
  const scheme = terms.dpop === 'required' ? 'DPoP' : 'Bearer'
  const detail = `This resource needs an access token: send it as "Authorization: ${scheme} <token>".`
  return refusal({ status: 401, detail, headers: { 'www-authenticate': invitation(terms), ...headers } })
}

/** Turns whatever was thrown into an answer; only an OAuthError's own words reach the wire. */
export function refuse(error: unknown, context: RefusalContext = {}): Refusal {
  const { terms = bareTerms, scheme = 'Bearer', members = {} } = context
  const told = error instanceof OAuthError ? error : wireError(error)
  const status = statusHere[told.code] ?? told.status
  const headers: Record<string, string> = { ...context.headers }
  if (status < 500) {
    const parameters = { error: told.code, error_description: told.description, ...members }
    headers['www-authenticate'] = challenge(terms, scheme, parameters) // @spec RFC 6750 §3; RFC 9449 §7.1
  }
  if (told.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(told.retryAfterSeconds))
  return refusal({ status, detail: told.description, headers, members: { error: told.code, ...members } })
}

/** A token that nobody could judge is not a wrong token: the client must not throw it away. */
function wireError(cause: unknown): OAuthError {
  if (!(cause instanceof ProtocolError)) return new OAuthError('server_error', 'the request failed', { cause })
  const retryAfterSeconds = cause.retryAfterSeconds ?? 5
  const description = 'access tokens cannot be verified right now: the authorization server cannot be reached'
  return new OAuthError('temporarily_unavailable', description, { cause, retryAfterSeconds })
}

interface Parts {
  readonly status: number
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
  readonly members?: Readonly<Record<string, string>>
}

function refusal({ status, detail, headers, members }: Parts): Refusal {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: 'about:blank', title: titles[status], status, detail, ...members }),
  }
}
