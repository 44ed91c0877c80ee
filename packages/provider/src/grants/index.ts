import { authorizationCode } from './authorization-code.ts'
import { clientCredentials } from './client-credentials.ts'
import type { GrantFactory } from './grant.ts'
import { refreshToken } from './refresh-token.ts'

/** Every grant of the token endpoint. */
export const grantFactories: readonly GrantFactory[] = [authorizationCode, refreshToken, clientCredentials]
