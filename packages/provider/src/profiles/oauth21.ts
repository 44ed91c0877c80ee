import type { Profile } from './profile.ts'

/** What is true of every provider here: the defaults are OAuth 2.1 and RFC 9700 already. */
export const oauth21: Profile = {
  name: 'oauth2.1',
  options: (given) => given,
  client: (metadata) => metadata,
  refusals: () => [],
}
