import type { ClientMetadata } from '@latchkey/protocol'
import { type Html, html } from './html.ts'
import { type Locale, textsOf } from './texts/index.ts'

/** What an application shows of itself on the pages on which people decide about it. @spec OIDC Registration §2 */
export interface AskingApplication {
  readonly name: string
  readonly client: Pick<ClientMetadata, 'logo_uri' | 'policy_uri' | 'tos_uri'>
}

/** Where a page may load the application's logo from; nothing where it has none. */
export function logoSources({ client }: AskingApplication): readonly string[] {
  const logo = webAddress(client.logo_uri)
  return logo === null ? [] : [logo.origin]
}

/** The application's logo, or null. Its name stands beside it, so that it says nothing of its own. */
export function logoOf({ client }: AskingApplication): Html | null {
  const logo = webAddress(client.logo_uri)
  return logo === null ? null : html`<img class="logo" src="${logo.href}" alt="" width="48" height="48">`
}

/** Links to the application's own words on what it does with data and on what terms; null where it has neither. */
export function linksOf({ name, client }: AskingApplication, locale: Locale): Html | null {
  const words = textsOf(locale).application
  const links = [
    { href: webAddress(client.policy_uri)?.href, label: words.policy },
    { href: webAddress(client.tos_uri)?.href, label: words.terms },
  ].filter(({ href }) => href !== undefined)
  if (links.length === 0) return null
  const items = links.map(
    ({ href, label }) => html`<li><a href="${href}" target="_blank" rel="noopener noreferrer">${label}</a></li>`,
  )
  return html`<footer class="colophon"><nav aria-label="${words.of(name)}"><p>${words.of(name)}</p><ul>${items}</ul></nav></footer>`
}

function webAddress(uri: string | undefined): URL | null {
  if (uri === undefined || !URL.canParse(uri)) return null
  const url = new URL(uri)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}
