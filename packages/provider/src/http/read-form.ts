import { Form, OAuthError } from '@latchkey/protocol'

/** Bytes of a request body; everything the provider reads fits many times over. */
export const bodyLimit = 65_536

const formType = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i

/**
 * The parameters of a POST body.
 * @throws OAuthError `payload_too_large` beyond 64 KiB, `invalid_request` for another content type or a malformed body
 */
export function readForm(request: Request): Promise<Form> {
  const type = request.headers.get('content-type')
  if (type === null || !formType.test(type)) {
    throw new OAuthError('invalid_request', 'the content type must be application/x-www-form-urlencoded')
  }
  return readBody(request).then(Form.parse)
}

/** A declared length is enforced by HTTP itself, so that such a body is safe to buffer; any other is counted as it comes. */
export function readBody(request: Request): Promise<string> {
  const declared = request.headers.get('content-length')
  if (declared === null) return readCounted(request)
  if (!/^\d{1,9}$/.test(declared) || Number(declared) > bodyLimit) throw tooLarge()
  return request.text().catch(endedEarly)
}

function endedEarly(cause: unknown): never {
  throw new OAuthError('invalid_request', 'the request body ended early', { cause })
}

async function readCounted(request: Request): Promise<string> {
  if (request.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      length += chunk.byteLength
      if (length > bodyLimit) throw tooLarge()
      text += decoder.decode(chunk, { stream: true })
    }
  } catch (cause) {
    if (cause instanceof OAuthError) throw cause
    throw new OAuthError('invalid_request', 'the request body could not be read', { cause })
  }
  return text + decoder.decode()
}

function tooLarge(): OAuthError {
  return new OAuthError('payload_too_large', `the request body is larger than ${bodyLimit} bytes`)
}
