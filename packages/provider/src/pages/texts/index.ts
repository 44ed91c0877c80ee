import { de } from './de.ts'
import { en } from './en.ts'
import type { Texts } from './texts.ts'

/** One line a language; the first counts where none of the wanted ones is here. */
const languages = { en, de } as const satisfies Readonly<Record<string, Texts>>

export type { Texts }

export type Locale = keyof typeof languages
export const locales = Object.keys(languages) as readonly Locale[]

export function textsOf(locale: Locale): Texts {
  return languages[locale]
}

/** The best language for a page: first the request's `ui_locales`, then the browser's own. @spec OIDC Core §3.1.2.1; RFC 9110 §12.5.4 */
export function localeOf(uiLocales: string | undefined, acceptLanguage: string | null): Locale {
  const wanted = [...(uiLocales ?? '').split(' '), ...byQuality(acceptLanguage ?? '')]
  for (const tag of wanted) {
    const language = tag.split('-')[0]?.toLowerCase()
    const found = locales.find((locale) => locale === language)
    if (found !== undefined) return found
  }
  return 'en'
}

function byQuality(header: string): readonly string[] {
  return header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameters.join(';'))?.[1]
      return { tag, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)
}
