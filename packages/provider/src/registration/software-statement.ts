import { OAuthError } from '@latchkey/protocol'
import type { RegistrationSettings } from './registration-options.ts'

type Members = Readonly<Record<string, unknown>>

/** Claims about the statement, not about the client. @spec RFC 7519 §4.1 */
const aboutItself: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/**
 * What is asked for, with what a trusted issuer says of the software above what the client says.
 * @throws OAuthError `invalid_software_statement`, `unapproved_software_statement`
 * @spec RFC 7591 §2.3, §3.1.1
 */
export async function withSoftwareStatement(
  settings: RegistrationSettings,
  members: Members,
  now: number,
): Promise<Members> {
  const { software_statement: statement, ...plain } = members
  const { softwareStatementIssuers: issuers, softwareStatementRequired } = settings
  if (statement === undefined || issuers.length === 0) {
    if (!softwareStatementRequired) return plain
    throw new OAuthError('invalid_software_statement', 'software_statement is missing: this server requires one')
  }
  if (typeof statement !== 'string')
    throw new OAuthError('invalid_software_statement', 'software_statement must be a JWT')
  const claims = await verified(settings, statement, now)
  const said = Object.entries(claims).filter(([name]) => !aboutItself.has(name))
  return { ...plain, ...Object.fromEntries(said) }
}

/** The statement that counted, for the answer. @spec RFC 7591 §3.2.1 */
export function countedStatement(
  { softwareStatementIssuers: issuers }: RegistrationSettings,
  members: Members,
): object {
  const { software_statement: statement } = members
  return statement === undefined || issuers.length === 0 ? {} : { software_statement: statement }
}

async function verified(
  { softwareStatementIssuers: issuers }: RegistrationSettings,
  statement: string,
  now: number,
): Promise<Members> {
  const { createLocalJWKSet, decodeJwt, errors, jwtVerify } = await import('jose')
  try {
    const { iss } = decodeJwt(statement)
    const trusted = issuers.find(({ issuer }) => issuer === iss)
    if (trusted === undefined)
      throw new OAuthError('unapproved_software_statement', 'the issuer of the software statement is not trusted here')
    const keys = createLocalJWKSet({ keys: trusted.jwks.keys.map((key) => ({ kty: '', ...key })) })
    const { payload } = await jwtVerify(statement, keys, {
      issuer: trusted.issuer,
      algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'],
      currentDate: new Date(now * 1000),
    })
    return payload
  } catch (error) {
    if (error instanceof OAuthError || !(error instanceof errors.JOSEError)) throw error
    throw new OAuthError('invalid_software_statement', 'the software statement does not verify', { cause: error })
  }
}
