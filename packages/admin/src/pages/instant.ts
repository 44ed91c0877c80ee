import { type Html, html } from './html.ts'

const exactFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' })
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** How long ago, with the exact time in UTC on hover. Instants are epoch seconds. */
export function instant(at: number, now: number): Html {
  const exact = exactFormat.format(at * 1000)
  return html`<time datetime="${exact.replace(' ', 'T')}Z" title="${exact} UTC">${relative(at - now)}</time>`
}

function relative(seconds: number): string {
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relativeFormat.format(Math.trunc(seconds / length), unit)
  }
  return 'just now'
}
