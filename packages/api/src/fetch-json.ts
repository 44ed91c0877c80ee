import { isLoopbackHost, ProtocolError, type Runtime } from '@latchkey/protocol'

const timeoutSeconds = 5
const longestBody = 512 * 1024

export interface JsonDocument {
  readonly body: Readonly<Record<string, unknown>>
  /** From `Cache-Control: max-age`; 0 for `no-store` and `no-cache`. */
  readonly maxAgeSeconds: number | undefined
}

/** What a request to the provider sends besides; without a body it is a GET. */
export interface Sending {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What an answer that is no JSON has. */
export interface TextDocument {
  readonly text: string
  readonly contentType: string | null
  readonly maxAgeSeconds: number | undefined
}

/**
 * Fetches one JSON object of the provider: no redirects, five seconds, half a megabyte.
 * @throws ProtocolError `unreachable` or `response_invalid`
 */
export async function fetchJson(
  runtime: Runtime,
  address: string,
  sending: Sending = {},
): Promise<JsonDocument | 'not found'> {
  const headers = { accept: 'application/json, application/jwk-set+json', ...sending.headers }
  const document = await fetchText(runtime, address, { ...sending, headers, longest: longestBody })
  if (document === 'not found') return document
  return { body: parseObject(document.text, address), maxAgeSeconds: document.maxAgeSeconds }
}

/**
 * The same for any text of at most `longest` bytes.
 * @throws ProtocolError `unreachable` or `response_invalid`
 */
export async function fetchText(
  runtime: Runtime,
  address: string,
  { headers = {}, body, longest }: Sending & { readonly longest: number },
): Promise<TextDocument | 'not found'> {
  requireSafe(address)
  const abort = new AbortController()
  const cancel = runtime.schedule(timeoutSeconds, () => abort.abort())
  try {
    const request = body === undefined ? {} : { method: 'POST', body }
    const response = await runtime.fetch(address, { ...request, headers, redirect: 'error', signal: abort.signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      if (response.status === 404) return 'not found'
      throw new ProtocolError('unreachable', `${address} answered ${response.status}`, { retryable: true })
    }
    const text = await readText(response, address, longest)
    const maxAgeSeconds = maxAge(response.headers.get('cache-control'))
    return { text, contentType: response.headers.get('content-type'), maxAgeSeconds }
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause
    const why = abort.signal.aborted ? `did not answer within ${timeoutSeconds} s` : 'cannot be reached'
    throw new ProtocolError('unreachable', `${address} ${why}`, { cause, retryable: true })
  } finally {
    cancel()
  }
}

/** Keys that came over plain http could be anyone's. @spec RFC 8414 §6.1 */
export function requireSafe(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))) return
  throw new ProtocolError('discovery_failed', `"${address}" is no https URL`)
}

async function readText(response: Response, address: string, longest: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > longest) {
      throw new ProtocolError('response_invalid', `${address} answered with more than ${longest} bytes`)
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseObject(text: string, address: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below, for both ways of being no object.
  }
  throw new ProtocolError('response_invalid', `${address} did not answer with a JSON object`)
}

function maxAge(cacheControl: string | null): number | undefined {
  if (cacheControl === null) return undefined
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0
  const seconds = /\bmax-age="?(\d{1,9})/i.exec(cacheControl)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
