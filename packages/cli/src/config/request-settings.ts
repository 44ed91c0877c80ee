import type { AuthenticationContext, DeclaredDetailsType, DeclaredMember } from '@latchkey/provider'
import { below, flag, listOf, type Members, oneOf, type Problems, readMember, readMembers, text } from './shape.ts'

/** What people and clients may ask of the authorization endpoint. */
export interface RequestSettings {
  /** Whether people may make accounts for themselves. */
  readonly accountRegistration: boolean
  /** Whether people have a page for what they have allowed and where they are signed in. */
  readonly accountPage: boolean
  readonly requirePushedAuthorizationRequests: boolean
  readonly unsignedRequestObjects: boolean
  /** Strongest first. */
  readonly acrValues: readonly AuthenticationContext[]
  readonly authorizationDetailsTypes: readonly DeclaredDetailsType[]
}

export const requestKeys = [
  'account_registration',
  'account_page',
  'require_pushed_authorization_requests',
  'unsigned_request_objects',
  'acr_values',
  'authorization_details_types',
]

export function readRequestSettings(problems: Problems, members: Members): RequestSettings {
  const own = (key: string) => ({ path: '', key, read: flag, fallback: false })
  const acrValues = listOf(readContext)(problems, { path: 'acr_values', value: members.acr_values ?? [] })
  const key = 'authorization_details_types'
  const types = listOf(readDetailsType)(problems, { path: key, value: members[key] ?? [] }) ?? []
  types.forEach(({ type }, index) => {
    if (types.findIndex((other) => other.type === type) < index)
      problems.add(`${key}[${index}].type`, `"${type}" stands in the list already`)
  })
  return {
    accountRegistration: readMember(problems, members, own('account_registration')),
    accountPage: readMember(problems, members, { ...own('account_page'), fallback: true }),
    requirePushedAuthorizationRequests: readMember(problems, members, own('require_pushed_authorization_requests')),
    unsignedRequestObjects: readMember(problems, members, own('unsigned_request_objects')),
    acrValues: acrValues ?? [],
    authorizationDetailsTypes: types,
  }
}

function readContext(problems: Problems, { path, value }: { path: string; value: unknown }): AuthenticationContext {
  const members = readMembers(problems, { path, value, known: ['value', 'amr'] })
  if (members.value === undefined) problems.add(below(path, 'value'), 'is missing; write what tokens say in acr')
  if (members.amr === undefined) problems.add(below(path, 'amr'), 'is missing; list the methods, such as ["pwd"]')
  return {
    value: readMember(problems, members, { path, key: 'value', read: text, fallback: '' }),
    amr: readMember(problems, members, { path, key: 'amr', read: listOf(text), fallback: [] }),
  }
}

/** @spec RFC 9396 §2 */
function readDetailsType(problems: Problems, { path, value }: { path: string; value: unknown }): DeclaredDetailsType {
  const members = readMembers(problems, { path, value, known: ['type', 'description', 'members'] })
  for (const key of ['type', 'description'])
    if (members[key] === undefined) problems.add(below(path, key), 'is missing')
  const declared: Record<string, DeclaredMember> = {}
  const given = members.members ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) problems.add(below(path, 'members'), 'must be an object')
  else
    for (const [name, member] of Object.entries(given))
      declared[name] = readDetailsMember(problems, { path: below(path, `members.${name}`), value: member })
  return {
    type: readMember(problems, members, { path, key: 'type', read: text, fallback: '' }),
    description: readMember(problems, members, { path, key: 'description', read: text, fallback: '' }),
    members: declared,
  }
}

function readDetailsMember(problems: Problems, { path, value }: { path: string; value: unknown }): DeclaredMember {
  const members = readMembers(problems, { path, value, known: ['kind', 'required', 'values'] })
  const values =
    members.values === undefined
      ? undefined
      : listOf(text)(problems, { path: below(path, 'values'), value: members.values })
  return {
    kind: readMember(problems, members, {
      path,
      key: 'kind',
      read: oneOf('string', 'number', 'boolean', 'object', 'strings'),
      fallback: 'string' as const,
    }),
    required: readMember(problems, members, { path, key: 'required', read: flag, fallback: true }),
    ...(values === undefined ? {} : { values }),
  }
}
