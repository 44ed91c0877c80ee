import { formatChallenge, OAuthError, ProtocolError } from '@latchkey/protocol'

/** An answer to send instead of the resource. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A problem document as JSON text. @spec RFC 9457 §3 */
  readonly body: string
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** No credential came: the challenge says only what to bring. @spec RFC 6750 §3.1 */
export function refuseAnonymous(realm: string | undefined): Refusal {
  const detail = 'This resource needs an access token: send it as "Authorization: Bearer <token>".'
  return refusal({ status: 401, detail, headers: { 'www-authenticate': formatChallenge('Bearer', { realm }) } })
}

/** Turns whatever was thrown into an answer; only an OAuthError's own words reach the wire. */
export function refuse(error: unknown, realm?: string, scope?: string): Refusal {
  const told = error instanceof OAuthError ? error : wireError(error)
  const headers: Record<string, string> = {}
  if (told.status < 500) {
    const parameters = { realm, error: told.code, error_description: told.description, scope }
    headers['www-authenticate'] = formatChallenge('Bearer', parameters) // @spec RFC 6750 §3
  }
  if (told.retryAfterSeconds !== undefined) headers['retry-after'] = String(told.retryAfterSeconds)
  const members = scope === undefined ? { error: told.code } : { error: told.code, scope }
  return refusal({ status: told.status, detail: told.description, headers, members })
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
