import {
  type ClientMetadata,
  isLoopbackHost,
  OAuthError,
  parseScope,
  readClientMetadata,
  supportedGrantTypes,
} from '@latchkey/protocol'
import { isRegistrable } from './registrable-fields.ts'
import type { RegistrationSettings } from './registration-options.ts'

type Members = Readonly<Record<string, unknown>>

interface Asked {
  readonly clientId: string
  /** What the client sent, or its software statement says. */
  readonly members: Members
  /** A provider on loopback serves trials: then http on loopback is any client's. */
  readonly issuer: string
}

/**
 * The client that someone wants to register, within what may be asked. What is unknown is ignored, what is more than
 * allowed is left out, what is wrong is refused. @throws OAuthError `invalid_redirect_uri`, `invalid_client_metadata`
 * @spec RFC 7591 §2, §3.2.2; OIDC Registration §2
 */
export function requestedClient(settings: RegistrationSettings, { clientId, members, issuer }: Asked): ClientMetadata {
  const asked = Object.entries(members).filter(([name, value]) => isRegistrable(name) && value !== null)
  const wanted: Members = Object.fromEntries(asked)
  const read = readClientMetadata({
    application_type: inferredType(wanted.redirect_uris),
    ...wanted,
    ...supportedOnly(wanted),
    scope: allowedScope(settings.scope, wanted.scope),
    // Whoever registers itself expects what the specification says. @spec OIDC Core §5.4
    scope_claims_in_id_token: false,
    ...fixedFor(settings, wanted),
    client_id: clientId,
  })
  if ('problems' in read) throw refusal(read.problems)
  const problems = [...redirectProblems(read.client, issuer)]
  if (problems.length > 0) throw new OAuthError('invalid_redirect_uri', problems.join('; '))
  checkInitiateLogin(read.client, issuer)
  return read.client
}

/** PKCE may be left to confidential clients alone: a public one is held to it whatever is fixed. @spec RFC 9700 §2.1.1 */
function fixedFor({ fixed }: RegistrationSettings, wanted: Members): RegistrationSettings['fixed'] {
  const method = fixed.token_endpoint_auth_method ?? wanted.token_endpoint_auth_method
  return method === 'none' && fixed.require_pkce === false ? { ...fixed, require_pkce: true } : fixed
}

/** @spec OIDC Registration §2 (initiate_login_uri) */
function checkInitiateLogin({ initiate_login_uri: uri }: ClientMetadata, issuer: string): void {
  if (uri !== undefined && !uri.startsWith('https:') && !issuer.startsWith('http:'))
    throw new OAuthError('invalid_client_metadata', 'initiate_login_uri must use https')
}

/** Grants that are not to be had here are left out; the answer says what remains. @spec RFC 7591 §3.2.1 */
function supportedOnly({ grant_types: types }: Members): Members {
  if (!Array.isArray(types)) return {}
  const known: readonly unknown[] = supportedGrantTypes
  return { grant_types: types.filter((type) => typeof type !== 'string' || known.includes(type)) }
}

function allowedScope(allowed: string, wanted: unknown): string {
  if (typeof wanted !== 'string') return allowed
  const values = parseScope(allowed)
  return [...new Set(wanted.split(' '))].filter((value) => values.includes(value)).join(' ')
}

function refusal(problems: readonly string[]): OAuthError {
  const code = problems.every((problem) => problem.startsWith('redirect_uris '))
    ? 'invalid_redirect_uri'
    : 'invalid_client_metadata'
  return new OAuthError(code, problems.join('; '))
}

/** Clients of plain OAuth do not say it: one with an address on the device runs there. */
function inferredType(redirectUris: unknown): 'web' | 'native' {
  const uris = Array.isArray(redirectUris) ? redirectUris : []
  return uris.some((uri) => typeof uri === 'string' && !/^https:/i.test(uri)) ? 'native' : 'web'
}

/** @spec OIDC Registration §2 (application_type); RFC 8252 §7.1, §7.3, §8.4; RFC 9700 §2.1 */
function* redirectProblems(client: ClientMetadata, issuer: string): Generator<string> {
  const onTrial = issuer.startsWith('http:')
  for (const uri of client.redirect_uris) {
    const { protocol, hostname } = new URL(uri)
    if (protocol === 'https:') continue
    if (protocol === 'http:') {
      if (!isLoopbackHost(hostname)) yield `redirect_uris "${uri}" must use https`
      else if (client.application_type === 'web' && !onTrial)
        yield `redirect_uris "${uri}" is on loopback, which application_type "native" may use`
    } else if (client.application_type === 'web') {
      yield `redirect_uris "${uri}" has a scheme of its own, which application_type "native" may use`
    } else if (!protocol.includes('.')) {
      yield `redirect_uris "${uri}" must have a scheme that is a domain name written backwards, such as com.example.app`
    }
  }
}
