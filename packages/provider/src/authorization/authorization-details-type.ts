import type { AuthorizationDetail } from '@latchkey/protocol'

/** A type of `authorization_details` that this provider knows. @spec RFC 9396 §2.1, §5 */
export interface AuthorizationDetailsType {
  readonly type: string
  /** What is wrong with an entry of this type, or null. Members that are not known have to be refused too. */
  check(detail: AuthorizationDetail): string | null
  /** What the entry lets a client do, in people's words, for the consent page. */
  describe(detail: AuthorizationDetail): string
  /** Whether a token request may have `asked` of what was `granted`; equal entries it may always. @spec RFC 9396 §6.1 */
  covers?(granted: AuthorizationDetail, asked: AuthorizationDetail): boolean
}

/** A type as a configuration file declares it. */
export interface DeclaredDetailsType {
  readonly type: string
  readonly members: Readonly<Record<string, DeclaredMember>>
  /** People's words, with `{member}` (or `{member.inner}`) where a value goes. */
  readonly description: string
}

export interface DeclaredMember {
  readonly kind: 'string' | 'number' | 'boolean' | 'object' | 'strings'
  /** True when left out. */
  readonly required?: boolean
  /** The only values allowed, for `string` and `strings`. */
  readonly values?: readonly string[]
}

/** A type made from its declaration. */
export function declaredDetailsType({ type, members, description }: DeclaredDetailsType): AuthorizationDetailsType {
  return {
    type,
    check(detail) {
      const unknown = Object.keys(detail).find((name) => name !== 'type' && !Object.hasOwn(members, name))
      if (unknown !== undefined) return `has the unknown member "${unknown.slice(0, 60)}"`
      for (const [name, member] of Object.entries(members)) {
        const value = detail[name]
        if (value === undefined) {
          if (member.required !== false) return `misses the member "${name}"`
        } else if (!fits(member, value)) return `has "${name}", which must be ${wordsFor(member)}`
      }
      return null
    },
    covers: (granted, asked) =>
      Object.entries(members).every(([name, { kind }]) => isWithin(kind, granted[name], asked[name])),
    describe: (detail) => description.replace(/\{([^{}]+)\}/g, (_, path: string) => shown(valueAt(detail, path))),
  }
}

/** Lists may be cut short, everything else stays as it was granted. */
function isWithin(kind: DeclaredMember['kind'], granted: unknown, asked: unknown): boolean {
  if (kind === 'strings' && Array.isArray(granted) && Array.isArray(asked))
    return asked.every((value) => granted.includes(value))
  return sameJson(granted, asked)
}

/** Whatever order the members of objects stand in. */
export function sameJson(one: unknown, other: unknown): boolean {
  return ordered(one) === ordered(other)
}

function ordered(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function fits({ kind, values }: DeclaredMember, value: unknown): boolean {
  const allowed = (text: unknown) => typeof text === 'string' && (values === undefined || values.includes(text))
  if (kind === 'string') return allowed(value)
  if (kind === 'strings') return Array.isArray(value) && value.length > 0 && value.every(allowed)
  if (kind === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === kind && (kind !== 'number' || Number.isFinite(value))
}

function wordsFor({ kind, values }: DeclaredMember): string {
  const among = values === undefined ? '' : ` among ${values.join(', ')}`
  return kind === 'strings' ? `a list of strings${among}` : kind === 'object' ? 'an object' : `a ${kind}${among}`
}

function valueAt(detail: AuthorizationDetail, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined,
      detail,
    )
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
