import { type StatusListOptions, statusListBounds } from '@latchkey/provider'
import { below, type Members, type Problems, readMembers, wholeNumber } from './shape.ts'

/** Status lists, where they are switched on: an empty object will do. */
export function readStatusLists(problems: Problems, { status_lists: value }: Members): StatusListOptions | null {
  if (value === undefined) return null
  const path = 'status_lists'
  const members = readMembers(problems, { path, value, known: Object.keys(statusListBounds) })
  const options: Record<string, number> = {}
  for (const [key, [least, most]] of Object.entries(statusListBounds)) {
    if (members[key] === undefined) continue
    const read = wholeNumber(least, most)(problems, { path: below(path, key), value: members[key] })
    if (read !== undefined) options[key] = read
  }
  const { size, ttl = 30, lifetime = 600 } = options
  if (size !== undefined && size % 8 !== 0) problems.add('status_lists.size', `must be a multiple of 8, not ${size}`)
  if (lifetime < ttl) problems.add('status_lists.lifetime', `is shorter than ttl (${ttl}); make it longer`)
  return options
}
