import type { Endpoint } from '../http/endpoint.ts'
import { browserStateCookieName } from '../logout/browser-state.ts'
import { checkSessionAsset } from '../pages/assets.ts'
import { html } from '../pages/html.ts'
import type { Parts } from '../parts.ts'

/** A page without a face that clients keep in a hidden frame, to hear when the session changes. @spec Session Management §3.2 */
export function checkSessionEndpoint(parts: Pick<Parts, 'issuer' | 'basePath'>): Endpoint {
  const page = html`<!doctype html>
<html lang="en" data-cookie="${browserStateCookieName(parts)}">
<head>
<meta charset="utf-8">
<title>Session</title>
<script src="${parts.basePath}${checkSessionAsset.path}" defer></script>
</head>
<body></body>
</html>
`.toString()
  return {
    path: '/check-session',
    methods: ['GET'],
    cors: 'none',
    audience: 'person',
    metadata: (url) => ({ check_session_iframe: url }),
    // It has no control a click could be lured to, so that any site may frame it.
    handle: async () =>
      new Response(page, {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'",
          'cache-control': 'public, max-age=300',
        },
      }),
  }
}
