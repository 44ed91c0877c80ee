import { initiateLoginUri } from '../endpoints/initiate-login.ts'
import type { EndpointRequest } from '../http/endpoint.ts'
import { errorPage } from '../pages/error-page.ts'
import { localeOf, type Texts, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import type { Closed } from './interaction.ts'

const statusOf = { foreign: 403, finished: 410, expired: 410 } as const

/** What to do when an interaction cannot go on: back button, second click, old tab, foreign link. */
export async function closedPage(parts: Parts, http: EndpointRequest, closed: Closed): Promise<Response> {
  const locale = localeOf(undefined, http.request.headers.get('accept-language'))
  const { closed: texts } = textsOf(locale)
  return errorPage({
    ...texts[closed.because],
    status: statusOf[closed.because],
    locale,
    next: await startAgain(parts, closed, texts),
    requestId: http.requestId,
    basePath: parts.basePath,
  })
}

async function startAgain(
  parts: Parts,
  { label }: Closed,
  texts: Texts['closed'],
): Promise<{ href: string; label: string } | undefined> {
  if (label === null) return undefined
  if ('pageName' in label) return { href: `${parts.basePath}/`, label: texts.startAgain }
  const client = await parts.clients.find(label.clientId)
  if (client === null) return undefined
  const { client_name, client_id, client_uri, redirect_uris, initiate_login_uri } = client.metadata
  // @spec OIDC Core §4: where the application itself wants a sign-in to start
  const start = initiate_login_uri === undefined ? undefined : initiateLoginUri(parts.issuer, initiate_login_uri)
  const href = start ?? client_uri ?? originOf(redirect_uris[0])
  return href === undefined ? undefined : { href, label: texts.goTo(client_name ?? client_id) }
}

/** The application's own start, as far as its redirect URI tells. */
function originOf(redirectUri: string | undefined): string | undefined {
  return redirectUri !== undefined && /^https?:/.test(redirectUri) ? `${new URL(redirectUri).origin}/` : undefined
}
