import { bffMode } from '@latchkey/browser/bff'
import { popup } from '@latchkey/browser/popup'
import { silentSignIn } from '@latchkey/browser/silent'
import { type Auth, createAuth } from '@latchkey/react'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'

/** The one line that decides where tokens live is the first. */
export function openAuth({ mode, issuer, clientId, audience, apiUrl }: RuntimeConfig): Auth {
  const { origin } = window.location
  if (mode === 'bff') return createAuth({ mode, secureRoutes: ['/api'], parts: [bffMode(), popup()] })
  return createAuth({
    issuer,
    clientId,
    redirectUri: `${origin}/callback`,
    postLogoutRedirectUri: `${origin}/`,
    scope: 'openid profile email read:messages',
    audience,
    secureRoutes: ['/api', `${apiUrl}/api`],
    parts: [silentSignIn(), popup()],
  })
}
