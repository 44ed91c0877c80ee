import type { ClientAuthMethod } from './client-auth-method.ts'
import { triesBasic } from './client-secret-basic.ts'

/** A public client: `client_id` alone. @spec RFC 6749 §3.2.1; RFC 7591 §2 */
export const none: ClientAuthMethod = {
  name: 'none',
  read(request, form) {
    const clientId = form.get('client_id')
    if (clientId === undefined || form.has('client_secret') || triesBasic(request)) return null
    return { readings: [{ clientId, secret: null }] }
  },
}
