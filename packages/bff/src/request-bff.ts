import type { IdTokenClaims, Runtime } from '@latchkey/protocol'
import type { BffDoor } from './bff.ts'
import type { BffRequest } from './http/request.ts'
import type { UserAccessTokenOptions } from './session/user-tokens.ts'

/** The BFF as a handler of one request sees it. */
export interface RequestBff {
  getUser(): Promise<IdTokenClaims | null>
  getUserAccessToken(options?: UserAccessTokenOptions): Promise<string>
  revokeUserRefreshToken(): Promise<void>
  userAccessTokenFetch(name: string): Runtime['fetch']
}

/** What a framework's door puts on each request. */
export function requestBff(core: BffDoor, request: BffRequest): RequestBff {
  return {
    getUser: () => core.getUser(request),
    getUserAccessToken: (options) => core.getUserAccessToken(request, options),
    revokeUserRefreshToken: () => core.revokeUserRefreshToken(request),
    userAccessTokenFetch: (name) => core.userAccessTokenFetch(request, name),
  }
}
