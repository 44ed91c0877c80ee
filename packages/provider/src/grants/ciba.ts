import { cibaGrantType } from '../backchannel/backchannel-authentication.ts'
import type { GrantFactory } from './grant.ts'
import { pendingAuthorization } from './pending-authorization.ts'

/** @spec CIBA Core §10.1 */
export const ciba: GrantFactory = (parts) =>
  parts.ciba === null
    ? null
    : {
        type: cibaGrantType,
        authorize: ({ client, form }) =>
          pendingAuthorization(parts, {
            client,
            form,
            kind: 'ciba',
            handle: form.require('auth_req_id'),
            name: 'auth_req_id',
          }),
      }
