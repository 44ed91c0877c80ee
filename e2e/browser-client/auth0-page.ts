import { type Auth0Client, newAuth0Client } from '@latchkey/browser/auth0'

declare global {
  interface Window {
    client: Auth0Client
    ready: Promise<unknown>
  }
}

/** Said in the address and remembered for the way back. */
const asked = new URLSearchParams(location.search).get('cacheLocation') ?? sessionStorage.getItem('cacheLocation')
sessionStorage.setItem('cacheLocation', asked ?? '')

/** As the documentation of that library has it. */
const { issuer, clientId }: { issuer: string; clientId: string } = await (await fetch('/settings.json')).json()
const client = newAuth0Client({
  domain: issuer,
  clientId,
  useRefreshTokens: true,
  cacheLocation: asked === 'localstorage' ? 'localstorage' : 'memory',
  authorizationParams: { redirect_uri: `${location.origin}/` },
})
window.client = client
window.ready = client.checkSession()
