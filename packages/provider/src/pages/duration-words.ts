const units: readonly (readonly [seconds: number, one: string, many: string])[] = [
  [86_400, 'day', 'days'],
  [3600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
]

/** A length of time as people say it: "14 days", "1 hour". Rounded to the largest unit that holds it at least once. */
export function durationWords(seconds: number): string {
  const [size, one, many] = units.find(([unit]) => seconds >= unit) ?? [1, 'second', 'seconds']
  const count = Math.max(1, Math.round(seconds / size))
  return `${count} ${count === 1 ? one : many}`
}
