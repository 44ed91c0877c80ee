import { type ConfiguredUser, canonicalUsername } from '@latchkey/accounts'
import {
  type ClientMetadata,
  clientMetadataFields,
  readClientMetadata,
  signingAlgs,
  usesClientSecret,
} from '@latchkey/protocol'
import type { Resource } from '@latchkey/provider'
import { below, flag, listOf, oneOf, type Problems, readMember, readMembers, text, wholeNumber } from './shape.ts'

/** Clients under RFC 7591's names. */
export function readClients(
  problems: Problems,
  value: unknown,
  resources: readonly Resource[],
): readonly ClientMetadata[] {
  const read = listOf((inner, at) => readClient(inner, at, resources))
  const clients = read(problems, { path: 'clients', value: value ?? [] }) ?? []
  eachOnce(problems, { path: 'clients', key: 'client_id', names: idsOf(value, 'client_id') })
  return clients
}

function readClient(
  problems: Problems,
  { path, value }: { path: string; value: unknown },
  resources: readonly Resource[],
): ClientMetadata | undefined {
  const result = readClientMetadata(value)
  if ('problems' in result) {
    for (const problem of result.problems) addClientProblem(problems, path, problem)
    return undefined
  }
  const { client } = result
  if (usesClientSecret(client.token_endpoint_auth_method) && client.client_secret === undefined)
    problems.add(path, 'client_secret is missing; for a public client set token_endpoint_auth_method to "none"')
  for (const identifier of client.resources) {
    if (!resources.some((resource) => resource.identifier === identifier))
      problems.add(below(path, 'resources'), `"${identifier}" is none of the identifiers under "resources"`)
  }
  return client
}

/** Puts a problem at the field it names. */
function addClientProblem(problems: Problems, path: string, problem: string): void {
  const unknown = /^unknown key "([^"]*)"/.exec(problem)?.[1]
  if (unknown !== undefined) {
    problems.add(below(path, unknown), problem)
    return
  }
  const [, field = '', rest = ''] = /^([a-z_]+) (.*)$/s.exec(problem) ?? []
  if (field in clientMetadataFields) problems.add(below(path, field), rest)
  else problems.add(path, problem)
}

export const userKeys = ['username', 'password', 'admin', 'claims']

/** People that are there from the first start. */
export function readUsers(problems: Problems, value: unknown): readonly ConfiguredUser[] {
  const users = listOf(readUser)(problems, { path: 'users', value: value ?? [] }) ?? []
  const names = idsOf(value, 'username').map((name) => (name === undefined ? undefined : canonicalUsername(name)))
  eachOnce(problems, { path: 'users', key: 'username', names })
  return users
}

function readUser(problems: Problems, { path, value }: { path: string; value: unknown }): ConfiguredUser {
  const members = readMembers(problems, { path, value, known: userKeys })
  for (const key of ['username', 'password']) {
    if (members[key] === undefined) problems.add(below(path, key), 'is missing')
  }
  const claims = members.claims ?? {}
  if (typeof claims !== 'object' || Array.isArray(claims)) problems.add(below(path, 'claims'), 'must be an object')
  else if ('sub' in claims) problems.add(below(path, 'claims.sub'), 'remove it: the server gives each person a sub')
  return {
    username: readMember(problems, members, { path, key: 'username', read: text, fallback: '' }),
    password: readMember(problems, members, { path, key: 'password', read: text, fallback: '' }),
    admin: readMember(problems, members, { path, key: 'admin', read: flag, fallback: false }),
    claims: claims as Readonly<Record<string, unknown>>,
  }
}

export const resourceKeys = [
  'identifier',
  'name',
  'scopes',
  'scope_descriptions',
  'access_token_format',
  'access_token_signing_alg',
  'access_token_lifetime',
  'access_token_status_list',
]

const hundredYears = 3_153_600_000

/** APIs that access tokens are made for. @spec RFC 8707 §2 */
export function readResources(problems: Problems, value: unknown): readonly Resource[] {
  const resources = listOf(readResource)(problems, { path: 'resources', value: value ?? [] }) ?? []
  eachOnce(problems, { path: 'resources', key: 'identifier', names: idsOf(value, 'identifier') })
  return resources
}

function readResource(problems: Problems, { path, value }: { path: string; value: unknown }): Resource {
  const members = readMembers(problems, { path, value, known: resourceKeys })
  const identifier = readIdentifier(problems, { path: below(path, 'identifier'), value: members.identifier })
  const scopes = readMember(problems, members, { path, key: 'scopes', read: listOf(scopeValue), fallback: [] })
  const descriptions = readMembers(problems, {
    path: below(path, 'scope_descriptions'),
    value: members.scope_descriptions ?? {},
    known: scopes,
  })
  for (const [scope, description] of Object.entries(descriptions))
    text(problems, { path: `${path}.scope_descriptions.${scope}`, value: description })
  const lifetime = readMember<number | undefined>(problems, members, {
    path,
    key: 'access_token_lifetime',
    read: wholeNumber(1, hundredYears),
    fallback: undefined,
  })
  return {
    identifier,
    name: readMember(problems, members, { path, key: 'name', read: text, fallback: identifier }),
    scopes,
    scope_descriptions: descriptions as Readonly<Record<string, string>>,
    access_token_format: readMember(problems, members, {
      path,
      key: 'access_token_format',
      read: oneOf('jwt', 'opaque'),
      fallback: 'jwt' as const,
    }),
    access_token_signing_alg: readMember(problems, members, {
      path,
      key: 'access_token_signing_alg',
      read: oneOf(...signingAlgs),
      fallback: 'ES256' as const,
    }),
    access_token_status_list: readMember(problems, members, {
      path,
      key: 'access_token_status_list',
      read: flag,
      fallback: false,
    }),
    ...(lifetime === undefined ? {} : { access_token_lifetime: lifetime }),
  }
}

function readIdentifier(problems: Problems, { path, value }: { path: string; value: unknown }): string {
  if (typeof value === 'string' && URL.canParse(value) && !value.includes('#')) return value
  problems.add(path, 'must be an absolute URI without a fragment, such as https://api.example.com')
  return ''
}

/** @spec RFC 6749 §3.3 */
function scopeValue(problems: Problems, { path, value }: { path: string; value: unknown }): string | undefined {
  if (typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)) return value
  problems.add(path, 'must be a scope value: printable characters without spaces, quotes or backslashes')
  return undefined
}

function idsOf(value: unknown, key: string): (string | undefined)[] {
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) => {
    const id = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[key] : undefined
    return typeof id === 'string' ? id : undefined
  })
}

function eachOnce(
  problems: Problems,
  { path, key, names }: { path: string; key: string; names: readonly (string | undefined)[] },
): void {
  names.forEach((name, index) => {
    const first = names.indexOf(name)
    if (name !== undefined && first !== index)
      problems.add(`${path}[${index}].${key}`, `"${name}" stands at ${path}[${first}] already`)
  })
}
