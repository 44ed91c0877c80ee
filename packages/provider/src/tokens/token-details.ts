import { type AuthorizationDetail, type Form, OAuthError } from '@latchkey/protocol'
import { readAuthorizationDetails } from '../authorization/authorization-details.ts'
import { type AuthorizationDetailsType, sameJson } from '../authorization/authorization-details-type.ts'
import type { RegisteredClient } from '../config.ts'
import type { TokenBasis } from '../grants/grant.ts'

type Types = ReadonlyMap<string, AuthorizationDetailsType>
type Details = readonly AuthorizationDetail[]

/**
 * What of the granted details one access token carries: all, or those that the token request names.
 * @throws OAuthError `invalid_authorization_details` for more than was granted
 * @spec RFC 9396 §6, §6.1
 */
export function tokenDetails(types: Types, form: Form, { client, granted }: Asked): Details {
  if (!form.has('authorization_details')) return granted
  const asked = readAuthorizationDetails(types, form, client)
  for (const [index, detail] of asked.entries()) {
    if (granted.some((each) => covers(types, each, detail))) continue
    throw refused(`parameter "authorization_details" [${index}] is more than was granted`)
  }
  return asked
}

interface Asked {
  readonly client: RegisteredClient
  readonly granted: Details
}

/**
 * What a client may have for itself, with nobody to allow it: only types that it is registered for by name.
 * @throws OAuthError `invalid_authorization_details`
 * @spec RFC 9396 §6
 */
export function ownDetails(types: Types, form: Form, client: RegisteredClient): Details {
  const asked = readAuthorizationDetails(types, form, client)
  const { authorization_details_types: own } = client.metadata
  const foreign = asked.find(({ type }) => !own.includes(type))
  if (foreign === undefined) return asked
  throw refused(
    `this client is not registered for authorization_details of the type "${foreign.type}" on its own behalf`,
  )
}

/** Grants that carry none refuse what they would have to drop. @throws OAuthError `invalid_authorization_details` */
export function refuseDetails(form: Form): void {
  if (form.has('authorization_details')) throw refused('this grant carries no authorization_details')
}

/** What a token that is made from this carries. */
export function carriedDetails({
  authorizationDetails,
  grounds,
}: Pick<TokenBasis, 'authorizationDetails' | 'grounds'>) {
  return authorizationDetails ?? grounds.authorizationDetails ?? []
}

function covers(types: Types, granted: AuthorizationDetail, asked: AuthorizationDetail): boolean {
  if (granted.type !== asked.type) return false
  return sameJson(granted, asked) || types.get(asked.type)?.covers?.(granted, asked) === true
}

function refused(what: string): OAuthError {
  return new OAuthError('invalid_authorization_details', what)
}
