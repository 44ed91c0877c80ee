import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface ForeignProvider {
  readonly issuer: string
  close(): void
}

/** `oidc-provider` with its own sign-in pages, a public client, PAR, DPoP and rotation. */
export async function foreignProvider(app: string): Promise<ForeignProvider> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${app}/`, `${app}/silent-callback.html`, `${app}/popup-callback.html`],
        post_logout_redirect_uris: [`${app}/`],
      },
    ],
    cookies: { keys: ['a key of the drive'] },
    clientBasedCORS: () => true,
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, name: `Person ${sub}` }) }),
    claims: { openid: ['sub'], profile: ['name'] },
    scopes: ['openid', 'profile', 'email'],
    features: {
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: { enabled: true },
    },
  })
  server.on('request', provider.callback())
  return {
    issuer,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
