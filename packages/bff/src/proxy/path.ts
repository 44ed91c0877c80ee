/** A request path, read in the one way in which nobody can disagree about it. */
export type RequestPath =
  | { readonly kind: 'plain'; readonly segments: readonly string[]; readonly raw: readonly string[] }
  /** Two servers could read it differently: encoded slashes, dot segments, backslashes, empty segments, control characters. */
  | { readonly kind: 'ambiguous'; readonly readings: readonly (readonly string[])[] }

/** Splits a path into decoded segments; a slash at the end stays as an empty last raw segment. */
export function readPath(path: string): RequestPath {
  const raw = path.split('/').slice(1)
  const last = raw.length - 1
  const segments: string[] = []
  for (const [index, part] of raw.entries()) {
    if (part === '' && index === last) break
    const segment = decodedFully(part)
    if (segment === null || segment === '' || unsafe.test(segment)) {
      return { kind: 'ambiguous', readings: readings(path) }
    }
    segments.push(segment)
  }
  return path.startsWith('/') ? { kind: 'plain', segments, raw } : { kind: 'ambiguous', readings: readings(path) }
}

/** Whether `segments` starts with all of `prefix`. */
export function startsWithSegments(segments: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((segment, index) => segments[index] === segment)
}

/** `..;x` is a dot segment to servers that cut path parameters off. */
const unsafe = /[/\\\u0000-\u001f\u007f]|^\.{1,2}(;|$)/

/** What lenient servers could make of it: with dot segments left alone, and with them resolved. */
function readings(path: string): readonly (readonly string[])[] {
  const lenient = (decodedFully(path) ?? path).replaceAll('\\', '/')
  const parts = lenient.split('/').filter((part) => part !== '')
  const resolved: string[] = []
  for (const part of parts) {
    const [name] = part.split(';')
    if (name === '..') resolved.pop()
    else if (name !== '.') resolved.push(part)
  }
  return [parts, resolved]
}

function decodedFully(text: string): string | null {
  let decoded = text
  for (let round = 0; decoded.includes('%'); round++) {
    try {
      const next = decodeURIComponent(decoded)
      if (next === decoded || round === 5) return null
      decoded = next
    } catch {
      return round === 0 ? null : decoded
    }
  }
  return decoded
}
