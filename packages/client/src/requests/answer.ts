import { type JsonObject, ProtocolError, type ProtocolErrorCode, readObject } from '@latchkey/protocol'

/** Which error a refusal is: by the provider's `error`, where it sent one, and the status. */
export type Refused = (error: string | undefined, status: number) => ProtocolErrorCode

/**
 * The object in an answer of the provider, one without members where it is none. 5xx and 429 are for now, whatever they say.
 * @throws ProtocolError `unreachable` (retryable) when the answer breaks off or the provider is busy; the code of `refused`
 * for anything else that is no success.
 * @spec RFC 6749 §5.2; RFC 9110 §10.2.3, §15.6; RFC 6585 §4
 */
export async function readAnswer(
  url: string,
  response: Response,
  refused: Refused = (error) => (error ? 'authorization_failed' : 'response_invalid'),
): Promise<JsonObject> {
  const answer = readObject(await response.text().catch(lost(url)))
  const { ok, status, headers } = response
  if (ok) return answer
  const retryable = status >= 500 || status === 429
  const oauthError = retryable || typeof answer.error !== 'string' ? undefined : answer.error
  throw new ProtocolError(
    retryable ? 'unreachable' : refused(oauthError, status),
    `${url}: ${oauthError ?? `status ${status}`}`,
    // At most ten minutes; the date form is left out.
    {
      oauthError,
      retryable,
      retryAfterSeconds: Math.max(0, Math.min(Number(headers.get('retry-after')), 600)) || undefined,
    },
  )
}

/**
 * For a request without an answer: the same call may succeed later. One that was given up has no `cause`: it may still
 * arrive, so that what it carries must not be sent again at once. @spec RFC 9700 §4.14.2
 */
export function lost(url: string): (cause: Error) => never {
  return (error) => {
    const cause = error.name === 'AbortError' ? undefined : error
    throw new ProtocolError('unreachable', `${url}: no answer`, { retryable: true, cause })
  }
}

/** @throws ProtocolError naming the first of `checks` that does not hold. */
export function insist(code: ProtocolErrorCode, where: string, checks: JsonObject): void {
  for (const [name, holds] of Object.entries(checks)) {
    if (!holds) throw new ProtocolError(code, `${where}: ${name}`)
  }
}
