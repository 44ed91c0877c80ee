import { type Locale, textsOf } from './texts/index.ts'

/** A length of time as people say it: "14 days", "1 hour". Rounded to the largest unit that holds it at least once. */
export function durationWords(seconds: number, locale: Locale = 'en'): string {
  const { units } = textsOf(locale)
  const smallest = units[units.length - 1] ?? [1, 'second', 'seconds']
  const [size, one, many] = units.find(([unit]) => seconds >= unit) ?? smallest
  const count = Math.max(1, Math.round(seconds / size))
  return `${count} ${count === 1 ? one : many}`
}
