import { deviceCodeGrantType } from '../device/device-authorization.ts'
import type { GrantFactory } from './grant.ts'
import { pendingAuthorization } from './pending-authorization.ts'

/** @spec RFC 8628 §3.4 */
export const deviceCode: GrantFactory = (parts) =>
  parts.deviceFlow
    ? {
        type: deviceCodeGrantType,
        authorize: ({ client, form }) =>
          pendingAuthorization(parts, {
            client,
            form,
            kind: 'device',
            handle: form.require('device_code'),
            name: 'device_code',
          }),
      }
    : null
