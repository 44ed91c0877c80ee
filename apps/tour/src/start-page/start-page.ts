import type { ProviderOptions, ProviderSite } from '@latchkey/provider'
import { html } from 'hono/html'
import { asLocalhost, asReactHost } from '../demo-config.ts'
import { picture } from './picture.ts'
import { startPageStyles } from './start-page-styles.ts'

/** Origins of the parts it links to. */
export interface Elsewhere {
  readonly api: string
  readonly angular: string
  readonly react: string
  readonly bff: string
}

type Page = NonNullable<ProviderOptions['pages']>[number]

const stylesPath = '/tour.css'

/** The tour's start page at the provider's own address, and its stylesheet. */
export function startPages(elsewhere: Elsewhere): Page {
  return (request, site) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null
    const path = new URL(request.url).pathname
    if (path === `${site.basePath}/`) return Promise.resolve(startPage(site, elsewhere))
    return path === site.basePath + stylesPath ? Promise.resolve(styles()) : null
  }
}

function styles(): Response {
  return new Response(startPageStyles, {
    headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' },
  })
}

/** One line a step: what happens, and which part does it. */
const steps: readonly (readonly [word: string, part: string, says: string])[] = [
  ['Issue', 'Provider', 'After sign-in and consent it makes a short-lived access token for one API and one app.'],
  ['Obtain', 'App', 'The app trades a one-time code, bound to it by PKCE, for the token.'],
  [
    'Hold',
    'App',
    'The Angular and the React app keep it in memory alone; the BFF keeps it on the server and gives the page a cookie.',
  ],
  ['Attach', 'App', 'It goes with calls to the API’s own addresses, and nowhere else.'],
  [
    'Renew',
    'App and provider',
    'Shortly before its end, once for all callers and tabs; each refresh token works once.',
  ],
  [
    'Verify',
    'API',
    'Signature, issuer, audience, expiry and scope are checked at each call, with the provider’s public keys.',
  ],
  ['Revoke', 'App and provider', 'Signing out ends the token and everything that descends from the same sign-in.'],
]

function startPage(site: ProviderSite, { api, angular, react, bff }: Elsewhere): Response {
  const { basePath, issuer } = site
  const body = html`<link rel="stylesheet" href="${basePath}${stylesPath}">
<div class="stack loose">
<div class="stack tight"><h1>The whole life of an access token</h1>
<p class="lead">Five programs run on this machine. Sign in to one of the apps with the name and password that your terminal shows, and watch a token go round.</p></div>
<div class="tour-places">
${place(angular, 'Angular app', 'Tokens in the page: log in, ping the API, watch the token renew itself.')}
${place(react, 'React app', 'The same in React: tokens in the page.')}
${place(bff, 'BFF app', 'Tokens on the server: the page has a cookie and no token at all.')}
${place(asLocalhost(bff), 'Angular app over the BFF', 'The Angular app of above, unchanged, with its tokens on the server.')}
${place(asReactHost(bff), 'React app over the BFF', 'The React app of above, unchanged, with its tokens on the server.')}
${place(`${api}/api/public`, 'API', 'What the apps call. This address alone wants no token.')}
${place(`${issuer}/admin`, 'Administration', 'Clients, people and the audit trail. Sign in as admin.')}
${place(`${issuer}/account`, 'Your account', 'What each app may do for you: take it back there.')}
</div>
<section class="tour-life" aria-labelledby="tour-life">
<figure class="card">${picture()}</figure>
<div class="stack"><h2 id="tour-life">Which part does what</h2>
<ol class="tour-steps">${steps.map(([word, part, says]) => html`<li><h3>${word} <span class="muted">${part}</span></h3><p class="small">${says}</p></li>`)}</ol></div>
</section>
<nav aria-label="For machines"><ul>
<li><a href="${basePath}/.well-known/openid-configuration">OpenID configuration</a></li>
<li><a href="${basePath}/jwks">Signing keys</a></li>
</ul></nav>
</div>`
  return site.page({ title: 'Latchkey tour', body, wide: true })
}

function place(href: string, name: string, says: string) {
  return html`<a class="card tour-place" href="${href}"><strong>${name}</strong><span class="small">${says}</span><code>${href}</code></a>`
}
