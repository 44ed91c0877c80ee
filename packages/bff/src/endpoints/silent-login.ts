import { beginSignIn } from '../session/sign-in.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * Asks the provider whether the person is signed in there, without showing anything: back at `returnUrl` either a
 * session has begun or `bff_error=login_required` says that nobody was. A session that lives already is not ended by a no.
 * A whole navigation, not a frame: the cookies of a frame are third-party cookies. @spec OIDC Core §3.1.2.1 prompt
 */
export const silentLoginEndpoint: Endpoint = {
  path: '/silent-login',
  methods: ['GET'],
  audience: 'person',
  handle: (parts, at) => beginSignIn(parts, at, { prompt: 'none' }),
}
