import { OAuthError } from '@latchkey/protocol'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import { newHandle } from '../crypto.ts'
import type { Endpoint } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { keptRequest, type PendingRequest, readPendingRequest } from '../pending/pending-request.ts'
import { formatUserCode, newUserCode, userCodeLookup } from './user-code.ts'

export const deviceCodeGrantType = 'urn:ietf:params:oauth:grant-type:device_code'
export const verificationPath = '/device'

/** Seconds between two polls at first. @spec RFC 8628 §3.2 */
const intervalSeconds = 5

/** Where a device without a browser begins. @spec RFC 8628 §3.1 */
export function deviceAuthorizationEndpoint(parts: Parts): Endpoint {
  return {
    path: '/device_authorization',
    methods: ['POST'],
    cors: 'clients',
    audience: 'machine',
    metadata: (url) => ({ device_authorization_endpoint: url }),
    async handle(asked) {
      const form = await readForm(asked.request)
      const client = await authenticateClient(parts, { request: asked.request, form })
      const request = readPendingRequest(parts, form, { client, grantType: deviceCodeGrantType })
      const { deviceCode, userCode } = await keep(parts, request)
      const verificationUri = parts.issuer + verificationPath
      return json(asked, {
        device_code: deviceCode,
        user_code: formatUserCode(userCode),
        verification_uri: verificationUri,
        verification_uri_complete: `${verificationUri}?user_code=${formatUserCode(userCode)}`,
        expires_in: parts.lifetimes.device_code,
        interval: intervalSeconds,
      })
    },
  }
}

async function keep(parts: Parts, request: PendingRequest): Promise<{ deviceCode: string; userCode: string }> {
  const { handle, hash } = newHandle(parts.runtime)
  const now = Math.floor(parts.runtime.now())
  // Two live codes hardly ever meet; five times in a row means that something is wrong with the randomness.
  for (let attempt = 0; attempt < 5; attempt++) {
    const userCode = newUserCode(parts.runtime)
    const outcome = await parts.store.pendingGrants.create({
      hash,
      kind: 'device',
      lookup: userCodeLookup(parts, userCode),
      clientId: request.client.metadata.client_id,
      request: keptRequest(request),
      intervalSeconds,
      createdAt: now,
      expiresAt: now + parts.lifetimes.device_code,
    })
    if (outcome === 'created') return { deviceCode: handle, userCode }
  }
  throw new OAuthError('temporarily_unavailable', 'no user code is free; try again in a moment')
}
