/**
 * A value of a token that nobody has verified, for a log line: short, on one line, and without walking through what it
 * holds, which may be nested deeper than the stack.
 */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(member).join(', ')}${value.length > 5 ? ', …' : ''}]`
  return member(value)
}

function member(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
