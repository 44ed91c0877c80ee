import { backchannelEndpoint } from './backchannel.ts'
import { callbackEndpoint, sameSiteCallbackEndpoint } from './callback.ts'
import { diagnosticsEndpoint } from './diagnostics.ts'
import type { Endpoint } from './endpoint.ts'
import { eventsEndpoint } from './events.ts'
import { loginEndpoint } from './login.ts'
import { logoutEndpoint } from './logout.ts'
import { silentLoginEndpoint } from './silent-login.ts'
import { userEndpoint } from './user.ts'

/** Everything below the base path; what is not here is refused. */
export const endpoints: readonly Endpoint[] = [
  loginEndpoint,
  silentLoginEndpoint,
  callbackEndpoint,
  sameSiteCallbackEndpoint,
  userEndpoint,
  eventsEndpoint,
  logoutEndpoint,
  backchannelEndpoint,
  diagnosticsEndpoint,
]
