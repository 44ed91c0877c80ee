import { authorizationServerMetadataUrl, openidConfigurationUrl } from '@latchkey/protocol'
import type { ProviderSite } from '@latchkey/provider'
import { html } from 'hono/html'

/** The page at the provider's own address: what stands here, for the person who opens it in a browser. */
export function issuerPage(request: Request, site: ProviderSite): Promise<Response> | null {
  if (request.method !== 'GET' || !isRoot(request.url, site.basePath)) return null
  const { issuer, basePath } = site
  const body = html`<div class="stack">
<h1>Latchkey runs here</h1>
<p>Applications that trust this provider send people here to sign in. Its issuer identifier is</p>
<p><code>${issuer}</code></p>
<div><nav aria-label="For people"><ul>
${site.accountPage ? html`<li><a href="${basePath}/account">Your account</a></li>` : null}
<li><a href="${basePath}/admin">Administration</a></li>
</ul></nav>
<nav aria-label="For machines"><ul>
<li><a href="${openidConfigurationUrl(issuer)}">OpenID configuration</a></li>
<li><a href="${authorizationServerMetadataUrl(issuer)}">OAuth metadata</a></li>
<li><a href="${basePath}/jwks">Signing keys</a></li>
</ul></nav></div>
</div>`
  return Promise.resolve(site.page({ title: 'Latchkey', body }))
}

/** Whether the URL is the provider's base path, with or without a slash at its end. */
export function isRoot(url: string, basePath: string): boolean {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const path = start === -1 ? '/' : (url.slice(start).split(/[?#]/, 1)[0] ?? '')
  return path === `${basePath}/` || (basePath !== '' && path === basePath)
}
