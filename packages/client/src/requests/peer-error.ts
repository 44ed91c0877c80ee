import { ProtocolError } from '@latchkey/protocol'

/** A request that got no answer: the same call may succeed later. */
export function unreachable(message: string, cause?: unknown): ProtocolError {
  return cause instanceof ProtocolError
    ? cause
    : new ProtocolError('unreachable', `${message}: the provider could not be reached`, { retryable: true, cause })
}

/** 5xx and 429 are for now, whatever they say. @spec RFC 9110 §10.2.3, §15.6; RFC 6585 §4 */
export function refuseBusy(response: Response, message: string): void {
  if (response.status < 500 && response.status !== 429) return
  const header = response.headers.get('retry-after') ?? ''
  // At most ten minutes; the date form is left out.
  const retryAfterSeconds = /^\d{1,6}$/.test(header) ? Math.min(Number(header), 600) : undefined
  throw new ProtocolError('unreachable', `${message}: the provider answered ${response.status}`, {
    retryable: true,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

/** The object in an answer's body; null where it is none. @throws ProtocolError `unreachable` when the answer breaks off. */
export async function readAnswer(response: Response, message: string): Promise<Record<string, unknown> | null> {
  const text = await response.text().catch((cause: unknown) => {
    throw unreachable(message, cause)
  })
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
