import { seeOther } from '../authorization/cookies.ts'
import { encodeParameters, type ResponseMode } from './response-mode.ts'

/** The answer behind `#`, which no server on the way sees. @spec OAuth Multiple Response Types §2.1 */
export const fragment: ResponseMode = {
  name: 'fragment',
  visible: false,
  send: async (_, { redirectUri, parameters }) => seeOther(`${redirectUri}#${encodeParameters(parameters)}`),
}
