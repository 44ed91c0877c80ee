import { OAuthError } from '@latchkey/protocol'
import type { ClientAuthMethod, Presentation } from './client-auth-method.ts'
import { refuteSecret } from './client-secrets.ts'

const presentation: Presentation = {
  name: 'client_secret_post',
  read(_request, form) {
    const secret = form.get('client_secret')
    if (secret === undefined) return null
    const clientId = form.get('client_id')
    if (clientId === undefined) throw new OAuthError('invalid_client', 'client_secret came without client_id')
    return [{ clientId, secret }]
  },
}

/** `client_id` and `client_secret` in the body. @spec RFC 6749 §2.3.1 */
export const clientSecretPost: ClientAuthMethod = { name: 'client_secret_post', presentation, refute: refuteSecret }
