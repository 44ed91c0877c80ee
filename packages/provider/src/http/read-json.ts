import { OAuthError } from '@latchkey/protocol'
import { readBody } from './read-form.ts'

const jsonType = /^application\/json[ \t]*(?:;|$)/i

/**
 * The members of a JSON body.
 * @throws OAuthError `payload_too_large` beyond 64 KiB, `invalid_request` for another content type or no JSON object
 */
export async function readJson(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const type = request.headers.get('content-type')
  if (type === null || !jsonType.test(type))
    throw new OAuthError('invalid_request', 'the content type must be application/json')
  const value = parsed(await readBody(request))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new OAuthError('invalid_request', 'the body must be a JSON object')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OAuthError('invalid_request', 'the body is no JSON', { cause })
  }
}
