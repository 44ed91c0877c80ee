import { seeOther } from '../authorization/cookies.ts'
import { encodeParameters, type ResponseMode } from './response-mode.ts'

/** Appends to the redirect URI's query and keeps what stands there. @spec RFC 6749 §4.1.2 */
export const query: ResponseMode = {
  name: 'query',
  visible: true,
  async send(_, { redirectUri, parameters }) {
    const separator = redirectUri.includes('?') ? (/[?&]$/.test(redirectUri) ? '' : '&') : '?'
    return seeOther(redirectUri + separator + encodeParameters(parameters))
  },
}
