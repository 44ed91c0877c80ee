import type { Presentation } from './client-auth-method.ts'
import { triesBasic } from './client-secret-basic.ts'

/** `client_id` with nothing that proves it in the request itself. @spec RFC 6749 §3.2.1; RFC 8705 §2 */
export const clientIdAlone: Presentation = {
  name: 'client_id',
  read(request, form) {
    const clientId = form.get('client_id')
    if (clientId === undefined || form.has('client_secret') || form.has('client_assertion') || triesBasic(request)) {
      return null
    }
    return form.has('client_assertion_type') ? null : [{ clientId }]
  },
}
