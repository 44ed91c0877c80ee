import { type Auth0Client, newAuth0Client } from '@latchkey/browser/auth0'

declare global {
  interface Window {
    client: Auth0Client
    ready: Promise<unknown>
  }
}

/** As the documentation of that library has it. */
const { issuer, clientId }: { issuer: string; clientId: string } = await (await fetch('/settings.json')).json()
const client = newAuth0Client({
  domain: issuer,
  clientId,
  useRefreshTokens: true,
  cacheLocation: 'localstorage',
  authorizationParams: { redirect_uri: `${location.origin}/` },
})
window.client = client
window.ready = client.checkSession()
