import { approvalsEndpoint } from '../backchannel/approvals.ts'
import { backchannelAuthenticationEndpoint } from '../backchannel/backchannel-authentication.ts'
import { deviceAuthorizationEndpoint } from '../device/device-authorization.ts'
import { verificationEndpoint } from '../device/verification.ts'
import type { Endpoint } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import { accountEndpoint } from '../people/account.ts'
import { revocationFeedEndpoints } from '../revocation-feed/index.ts'
import { statusListEndpoints } from '../status-lists/index.ts'
import { assetsEndpoint } from './assets.ts'
import { authorizeEndpoint } from './authorize.ts'
import { checkSessionEndpoint } from './check-session.ts'
import { discoveryEndpoints } from './discovery.ts'
import { endSessionEndpoint } from './end-session.ts'
import { initiateLoginEndpoint } from './initiate-login.ts'
import { interactionEndpoint } from './interaction.ts'
import { introspectionEndpoint } from './introspection.ts'
import { jwksEndpoint } from './jwks.ts'
import { pushedAuthorizationRequestEndpoint } from './pushed-authorization-request.ts'
import { registrationEndpoints } from './register.ts'
import { revocationEndpoint } from './revocation.ts'
import { tokenEndpoint } from './token.ts'
import { userinfoEndpoint } from './userinfo.ts'

/** Every endpoint of the provider; its metadata is computed from this list. */
export function createEndpoints(parts: Parts): readonly Endpoint[] {
  return [
    ...discoveryEndpoints(parts),
    jwksEndpoint(parts),
    authorizeEndpoint(parts),
    pushedAuthorizationRequestEndpoint(parts),
    interactionEndpoint(parts),
    endSessionEndpoint(parts),
    ...(parts.accountPage ? [accountEndpoint(parts)] : []),
    checkSessionEndpoint(parts),
    initiateLoginEndpoint(parts),
    ...registrationEndpoints(parts),
    assetsEndpoint(),
    tokenEndpoint(parts),
    userinfoEndpoint(parts),
    introspectionEndpoint(parts),
    revocationEndpoint(parts),
    ...revocationFeedEndpoints(parts),
    ...statusListEndpoints(parts),
    ...(parts.ciba === null ? [] : [backchannelAuthenticationEndpoint(parts, parts.ciba), approvalsEndpoint(parts)]),
    ...(parts.deviceFlow ? [deviceAuthorizationEndpoint(parts), verificationEndpoint(parts)] : []),
  ]
}
