import type { Parts } from '../parts.ts'
import { type Html, html } from './html.ts'
import { type Locale, textsOf } from './texts/index.ts'

export const accountPath = '/account'

/** Where people see and take back what they have allowed; undefined where there is no such page. */
export function accountHrefOf({ accountPage, basePath }: Pick<Parts, 'accountPage' | 'basePath'>): string | undefined {
  return accountPage ? basePath + accountPath : undefined
}

/** Where to take it back, in a window of its own, so that the question stays open; null where there is no such page. */
export function takeBackAt(href: string | undefined, providerHost: string, locale: Locale): Html | null {
  if (href === undefined) return null
  const { takeBackAt: words } = textsOf(locale).consent
  return html`<p>${words} <a href="${href}" target="_blank" rel="noopener noreferrer">${providerHost}${href}</a>.</p>`
}
