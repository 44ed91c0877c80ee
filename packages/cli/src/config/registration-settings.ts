import { clientMetadataFields } from '@latchkey/protocol'
import type { ProviderOptions } from '@latchkey/provider'
import {
  below,
  flag,
  listOf,
  type Members,
  oneOf,
  type Problems,
  readMember,
  readMembers,
  text,
  wholeNumber,
} from './shape.ts'

type Registration = NonNullable<ProviderOptions['registration']>

/** Who may become a client, and what all clients are held to. */
export type RegistrationSettings = Pick<
  ProviderOptions,
  'registration' | 'clientIdMetadataDocuments' | 'requireResource' | 'profile'
>

export const registrationSettingKeys = [
  'profile',
  'client_registration',
  'client_id_metadata_documents',
  'require_resource',
]

export const registrationKeys = [
  'mode',
  'initial_access_tokens',
  'per_hour',
  'scope',
  'fixed',
  'software_statement_issuers',
  'software_statement_required',
]

/** What is left out stays out, so that the profile decides it. */
export function readRegistrationSettings(problems: Problems, members: Members): RegistrationSettings {
  const {
    profile,
    client_registration: registration,
    client_id_metadata_documents: documents,
    require_resource: resource,
  } = members
  const name = profile === undefined ? undefined : readProfile(problems, { path: 'profile', value: profile })
  return {
    ...(name === undefined ? {} : { profile: name }),
    ...(registration === undefined ? {} : { registration: readRegistration(problems, registration) }),
    ...(documents === undefined ? {} : { clientIdMetadataDocuments: readDocuments(problems, documents) }),
    ...(resource === undefined
      ? {}
      : { requireResource: flag(problems, { path: 'require_resource', value: resource }) ?? false }),
  }
}

const readProfile = oneOf('oauth2.1', 'fapi2', 'mcp')
const readMode = oneOf('off', 'initial_access_token', 'open')

/** One word, or an object with the word as its `mode`. */
function readRegistration(problems: Problems, value: unknown): Registration {
  const path = 'client_registration'
  if (typeof value === 'string') return { mode: readMode(problems, { path, value }) ?? 'off' }
  const members = readMembers(problems, { path, value, known: registrationKeys })
  if (members.mode === undefined)
    problems.add(below(path, 'mode'), 'is missing: "off", "initial_access_token" or "open"')
  return {
    mode: readMember(problems, members, { path, key: 'mode', read: readMode, fallback: 'off' as const }),
    initialAccessTokens: readMember(problems, members, {
      path,
      key: 'initial_access_tokens',
      read: listOf(text),
      fallback: [],
    }),
    perHour: readMember(problems, members, { path, key: 'per_hour', read: wholeNumber(1, 1_000_000), fallback: 60 }),
    ...(members.scope === undefined
      ? {}
      : { scope: readMember(problems, members, { path, key: 'scope', read: text, fallback: 'openid' }) }),
    fixed: readFixed(problems, members.fixed ?? {}),
    softwareStatementIssuers: readMember(problems, members, {
      path,
      key: 'software_statement_issuers',
      read: listOf(readIssuer),
      fallback: [],
    }),
    softwareStatementRequired: readMember(problems, members, {
      path,
      key: 'software_statement_required',
      read: flag,
      fallback: false,
    }),
  }
}

function readFixed(problems: Problems, value: unknown): NonNullable<Registration['fixed']> {
  const known = Object.keys(clientMetadataFields).filter((name) => name !== 'client_id' && name !== 'client_secret')
  return readMembers(problems, { path: 'client_registration.fixed', value, known })
}

function readIssuer(
  problems: Problems,
  { path, value }: { path: string; value: unknown },
): NonNullable<Registration['softwareStatementIssuers']>[number] | undefined {
  const members = readMembers(problems, { path, value, known: ['issuer', 'jwks'] })
  const issuer = text(problems, { path: below(path, 'issuer'), value: members.issuer })
  const jwks = members.jwks as { keys?: unknown } | undefined
  if (typeof jwks !== 'object' || jwks === null || !Array.isArray(jwks.keys)) {
    problems.add(below(path, 'jwks'), 'must be an object with a list of keys (RFC 7517 §5)')
    return undefined
  }
  return issuer === undefined ? undefined : { issuer, jwks: { keys: jwks.keys } }
}

/** true, false, or the hosts that are accepted. */
function readDocuments(problems: Problems, value: unknown): NonNullable<ProviderOptions['clientIdMetadataDocuments']> {
  const path = 'client_id_metadata_documents'
  if (!Array.isArray(value)) return flag(problems, { path, value }) ?? false
  return { allowedHosts: listOf(text)(problems, { path, value }) ?? [] }
}
