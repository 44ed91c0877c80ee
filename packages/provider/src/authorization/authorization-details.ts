import { type AuthorizationDetail, type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { AuthorizationDetailsType } from './authorization-details-type.ts'

const most = 20

type Types = ReadonlyMap<string, AuthorizationDetailsType>

/**
 * What a client asks for beyond scopes, each entry checked by the type that is registered for it.
 * @throws OAuthError `invalid_authorization_details`
 * @spec RFC 9396 §2, §5
 */
export function readAuthorizationDetails(
  types: Types,
  form: Form,
  client: RegisteredClient,
): readonly AuthorizationDetail[] {
  const text = form.get('authorization_details')
  if (text === undefined) return []
  const details = parseDetails(text)
  for (const [index, detail] of details.entries()) check(types, detail, { client, index })
  return details
}

function parseDetails(text: string): readonly AuthorizationDetail[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw refused('must be a JSON array')
  }
  if (!Array.isArray(parsed)) throw refused('must be a JSON array')
  if (parsed.length === 0 || parsed.length > most) throw refused(`must have 1 to ${most} entries`)
  if (!parsed.every(isDetail)) throw refused('must be made of objects that have a type')
  return parsed
}

function check(types: Types, detail: AuthorizationDetail, at: { client: RegisteredClient; index: number }): void {
  const type = types.get(detail.type)
  // @spec RFC 9396 §5: an unknown type is refused, never ignored
  if (type === undefined) throw refused(`has the unknown type "${detail.type.slice(0, 60)}"`)
  const { authorization_details_types: own, client_id } = at.client.metadata
  if (own.length > 0 && !own.includes(type.type))
    throw refused(`has "${type.type}", which client "${client_id}" may not ask for`)
  const problem = type.check(detail)
  if (problem !== null) throw refused(`[${at.index}] ${problem}`)
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function refused(what: string): OAuthError {
  return new OAuthError('invalid_authorization_details', `parameter "authorization_details" ${what}`)
}
