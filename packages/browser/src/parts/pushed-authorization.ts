import { pushAuthorization } from '@latchkey/client'
import type { AuthPart } from '../auth-part.ts'

/** Sends authorization requests to the provider directly, wherever it advertises the endpoint. @spec RFC 9126 */
export function pushedAuthorization(): AuthPart {
  return { connection: () => ({ push: pushAuthorization }) }
}
