import { fapi2 } from './fapi2.ts'
import { mcp } from './mcp.ts'
import { oauth21 } from './oauth21.ts'
import type { Profile } from './profile.ts'

/** One line a profile; the first is the default. */
export const profiles: readonly [Profile, ...Profile[]] = [oauth21, fapi2, mcp]

export function findProfile(name: Profile['name'] | undefined): Profile {
  return profiles.find((profile) => profile.name === name) ?? profiles[0]
}
