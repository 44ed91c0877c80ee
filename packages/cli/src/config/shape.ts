import { nearestKey } from '@latchkey/protocol'

/** Collects every problem, each with the path it stands at. */
export interface Problems {
  add(path: string, what: string): void
}

export type Members = Readonly<Record<string, unknown>>

/** The members of an object whose keys are all known; anything else is a problem and reads as empty. */
export function readMembers(
  problems: Problems,
  { path, value, known }: { path: string; value: unknown; known: readonly string[] },
): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(path, 'must be an object')
    return {}
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const near = nearestKey(key, known)
    const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`
    problems.add(below(path, key), `unknown key "${key}"; ${hint}`)
  }
  return value as Members
}

/** The path of a member. */
export function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

type Read<T> = (problems: Problems, at: { path: string; value: unknown }) => T | undefined

/** Reads one member; `fallback` stands in when it is absent. */
export function readMember<T>(
  problems: Problems,
  members: Members,
  { path, key, read, fallback }: { path: string; key: string; read: Read<T>; fallback: T },
): T {
  const value = members[key]
  if (value === undefined) return fallback
  return read(problems, { path: below(path, key), value }) ?? fallback
}

export const text: Read<string> = (problems, { path, value }) => {
  if (typeof value === 'string' && value !== '' && !/[\u0000-\u001f\u007f]/.test(value)) return value
  problems.add(path, 'must be a string that is not empty and has no control characters')
  return undefined
}

export const flag: Read<boolean> = (problems, { path, value }) => {
  if (typeof value === 'boolean') return value
  problems.add(path, 'must be true or false')
  return undefined
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): Read<number> {
  return (problems, { path, value }) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    problems.add(path, `must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`)
    return undefined
  }
}

export function oneOf<T extends string>(...values: readonly T[]): Read<T> {
  return (problems, { path, value }) => {
    const found = values.find((each) => each === value)
    if (found === undefined) problems.add(path, `must be one of ${values.map((each) => `"${each}"`).join(', ')}`)
    return found
  }
}

/** Each item read by `read`; items with problems are left out. */
export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (problems, { path, value }) => {
    if (!Array.isArray(value)) {
      problems.add(path, 'must be a list')
      return undefined
    }
    return value.flatMap((item: unknown, index) => {
      const entry = read(problems, { path: `${path}[${index}]`, value: item })
      return entry === undefined ? [] : [entry]
    })
  }
}
