import { issuerProblems, readClientMetadata, supportedGrantTypes, usesClientSecret } from '@latchkey/protocol'
import { auditProblems } from './audit/audit-options.ts'
import { scopeClaimsProblems } from './claims/scope-claims.ts'
import { wrongSecretProblems } from './client-auth/wrong-secrets.ts'
import { defaultLifetimes, type Lifetimes, type ProviderOptions } from './config.ts'
import { trustedIssuerProblems } from './grants/jwt-bearer/trusted-issuer.ts'
import { keyEncryptionProblems } from './keys/key-encryption.ts'
import { keyScheduleProblems } from './keys/key-schedule.ts'
import { findProfile, profiles } from './profiles/index.ts'
import { algsUnder } from './profiles/profile.ts'
import { registrationProblems } from './registration/registration-options.ts'
import { statusListProblems } from './status-lists/status-list-options.ts'

/** Everything wrong with a provider's options, each with its place and its fix. */
export function* configProblems(options: ProviderOptions): Generator<string> {
  yield* issuerProblems(options.issuer)
  yield* keyEncryptionProblems(options.keyEncryptionKey)
  yield* keyScheduleProblems(options)
  yield* scopeClaimsProblems(options.scopes, new Set(options.resources?.flatMap((resource) => resource.scopes)))
  yield* lifetimeProblems(options.lifetimes ?? {})
  yield* grantLifetimeProblems(options.grantLifetimes ?? {})
  yield* trustedIssuerProblems(options.trustedIssuers ?? [], options.issuer)
  yield* resourceProblems(options)
  yield* statusListProblems(options.statusLists)
  yield* clientProblems(options)
  yield* registrationProblems(options.registration)
  yield* auditProblems(options.audit)
  yield* wrongSecretProblems(options.wrongSecrets)
  yield* profileProblems(options)
}

function* lifetimeProblems(lifetimes: Partial<Lifetimes>): Generator<string> {
  for (const [name, seconds] of Object.entries(lifetimes)) {
    if (!(name in defaultLifetimes)) {
      yield `lifetimes.${name}: unknown; known are ${Object.keys(defaultLifetimes).join(', ')}`
    } else if (name === 'refresh_token_grace' ? !isWhole(seconds, 0) : !isWhole(seconds, 1)) {
      yield `lifetimes.${name}: must be a whole number of seconds above zero, not ${seconds}`
    }
  }
  const { refresh_token_idle: idle, refresh_token_absolute: absolute } = { ...defaultLifetimes, ...lifetimes }
  if (idle > absolute) {
    yield `lifetimes.refresh_token_idle: ${idle} is longer than refresh_token_absolute (${absolute}); make it shorter`
  }
}

function* grantLifetimeProblems(lifetimes: Readonly<Record<string, number>>): Generator<string> {
  for (const [type, seconds] of Object.entries(lifetimes)) {
    if (!(supportedGrantTypes as readonly string[]).includes(type)) {
      yield `grantLifetimes.${type}: is no grant type; known are ${supportedGrantTypes.join(', ')}`
    } else if (!isWhole(seconds, 1)) {
      yield `grantLifetimes.${type}: must be a whole number of seconds above zero, not ${seconds}`
    }
  }
}

function isWhole(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
}

function* resourceProblems({ resources = [], profile, statusLists }: ProviderOptions): Generator<string> {
  const algs = algsUnder(findProfile(profile))
  const seen = new Set<string>()
  for (const [index, resource] of resources.entries()) {
    const { identifier } = resource
    const at = `resources[${index}]`
    if (seen.has(identifier)) yield `${at}.identifier: "${identifier}" is there twice`
    seen.add(identifier)
    if (!URL.canParse(identifier)) yield `${at}.identifier: "${identifier}" must be an absolute URI (RFC 8707 §2)`
    if (identifier.includes('#')) yield `${at}.identifier: "${identifier}" must not have a fragment (RFC 8707 §2)`
    if (resource.name === '') yield `${at}.name: must not be empty`
    for (const scope of resource.scopes) {
      if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) yield `${at}.scopes: "${scope}" is no scope value (RFC 6749 §3.3)`
    }
    if (!['jwt', 'opaque'].includes(resource.access_token_format)) {
      yield `${at}.access_token_format: must be "jwt" or "opaque"`
    }
    const { access_token_lifetime: lifetime } = resource
    if (lifetime !== undefined && !isWhole(lifetime, 1)) {
      yield `${at}.access_token_lifetime: must be a whole number of seconds above zero, not ${lifetime}`
    }
    if (resource.access_token_status_list === true && statusLists === undefined) {
      yield `${at}.access_token_status_list: needs status lists; switch them on with statusLists`
    }
    if (!algs.includes(resource.access_token_signing_alg)) {
      yield `${at}.access_token_signing_alg: must be one of ${algs.join(', ')}`
    }
  }
}

function* clientProblems({ clients = [], resources = [] }: ProviderOptions): Generator<string> {
  const seen = new Set<string>()
  const known = new Set(resources.map((resource) => resource.identifier))
  for (const [index, client] of clients.entries()) {
    const id = client.client_id
    const at = `clients[${index}]${typeof id === 'string' ? ` ("${id}")` : ''}`
    if (seen.has(id)) yield `${at}: client_id is there twice`
    seen.add(id)
    const read = readClientMetadata(client)
    if ('problems' in read) for (const problem of read.problems) yield `${at}: ${problem}`
    if (usesClientSecret(client.token_endpoint_auth_method) && client.client_secret === undefined) {
      yield `${at}: client_secret is missing; give one, or make the client public with token_endpoint_auth_method "none"`
    }
    for (const resource of client.resources ?? []) {
      if (!known.has(resource)) yield `${at}: resources names "${resource}", which is not among the resources`
    }
  }
}

function* profileProblems({ profile: name, clients = [] }: ProviderOptions): Generator<string> {
  if (name !== undefined && !profiles.some((profile) => profile.name === name))
    yield `profile: must be one of ${profiles.map((profile) => profile.name).join(', ')}, not "${name}"`
  const profile = findProfile(name)
  for (const [index, client] of clients.entries()) {
    const read = readClientMetadata(client)
    if ('problems' in read) continue
    for (const { spec, problem, fix } of profile.refusals(profile.client(read.client)))
      yield `clients[${index}] ("${client.client_id}"): does not fit the profile ${profile.name}: ${problem}; ${fix} (${spec})`
  }
}
