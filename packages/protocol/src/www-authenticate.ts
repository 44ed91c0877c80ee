/** One challenge: a scheme and its parameters. @spec RFC 9110 §11.6.1 */
export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** `Bearer realm="…", error="…"`, with quotes and control characters made harmless. @spec RFC 6750 §3 */
export function formatChallenge(
  scheme: 'Basic' | 'Bearer' | 'DPoP',
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  )
  return pairs.length === 0 ? scheme : `${scheme} ${pairs.join(', ')}`
}

/** The challenges of a `WWW-Authenticate` header; what cannot be read is left out. */
export function parseChallenges(header: string | null): readonly Challenge[] {
  const schemeOrParameter = /([^\s=,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g
  const challenges: Challenge[] = []
  let parameters: Record<string, string> = {}
  for (const [, name = '', quoted, bare] of (header ?? '').matchAll(schemeOrParameter)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare
    if (value === undefined) {
      parameters = {}
      challenges.push({ scheme: name, parameters })
    } else parameters[name.toLowerCase()] = value
  }
  return challenges
}

function quotable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, "'")
}
