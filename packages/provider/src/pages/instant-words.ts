import { type Html, html } from './html.ts'
import { type Locale, textsOf } from './texts/index.ts'

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** A day, as people write it; the exact instant in UTC on hover. Epoch seconds. */
export function dayOf(at: number, locale: Locale): Html {
  const words = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { timeZone: 'UTC', dateStyle: 'long' })
  return instant(at, words.format(at * 1000))
}

/** How long ago; a day from a week on, since nobody counts days for longer. */
export function agoOf(at: number, now: number, locale: Locale): Html {
  const seconds = now - at
  if (seconds >= 7 * 86_400) return dayOf(at, locale)
  const found = units.find(([, length]) => seconds >= length)
  if (found === undefined) return instant(at, textsOf(locale).justNow)
  const [unit, size] = found
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return instant(at, words.format(-Math.floor(seconds / size), unit))
}

function instant(at: number, words: string): Html {
  const exact = new Date(Math.floor(at) * 1000).toISOString()
  return html`<time datetime="${exact}" title="${exact.slice(0, 19).replace('T', ' ')} UTC">${words}</time>`
}
