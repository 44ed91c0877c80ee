import type { ClientAuthMethod } from './client-auth-method.ts'
import { clientIdAlone } from './client-id-alone.ts'

/** A public client: `client_id` alone. @spec RFC 6749 §3.2.1; RFC 7591 §2 */
export const none: ClientAuthMethod = { name: 'none', presentation: clientIdAlone, refute: () => null }
