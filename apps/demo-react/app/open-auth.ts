import { silentSignIn } from '@latchkey/browser/silent'
import { type Auth, createAuth } from '@latchkey/react'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'

export function openAuth({ issuer, clientId, audience, apiUrl }: RuntimeConfig): Auth {
  const { origin } = window.location
  return createAuth({
    issuer,
    clientId,
    redirectUri: `${origin}/callback`,
    postLogoutRedirectUri: `${origin}/`,
    scope: 'openid profile email read:messages',
    audience,
    secureRoutes: ['/api', `${apiUrl}/api`],
    parts: [silentSignIn()],
  })
}
