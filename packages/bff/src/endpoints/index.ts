import { callbackEndpoint } from './callback.ts'
import type { Endpoint } from './endpoint.ts'
import { loginEndpoint } from './login.ts'
import { logoutEndpoint } from './logout.ts'
import { userEndpoint } from './user.ts'

/** Everything below the base path; what is not here is refused. */
export const endpoints: readonly Endpoint[] = [loginEndpoint, callbackEndpoint, userEndpoint, logoutEndpoint]
