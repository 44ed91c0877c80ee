import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../../config.ts'
import { newId } from '../../crypto.ts'
import type { Parts } from '../../parts.ts'
import {
  findAccessToken,
  findRefreshToken,
  type PresentedToken,
  type TokenOrigin,
} from '../../tokens/presented-token.ts'
import { findAssertion } from '../jwt-bearer/find-assertion.ts'
import type { ExchangedToken } from './policy.ts'

/** @spec RFC 8693 §3 */
export const tokenTypePrefix = 'urn:ietf:params:oauth:token-type:'

/** A subject or actor token, and what the new one inherits from it. */
export interface ReadToken {
  readonly token: ExchangedToken
  readonly origin: TokenOrigin
  readonly isOurs: boolean
}

interface Reading {
  readonly parts: Parts
  readonly client: RegisteredClient
  readonly value: string
}

/** One line a type; null: not valid, not one of that type, or taken back. */
const readers: Readonly<Record<string, (reading: Reading) => Promise<ReadToken | null>>> = {
  access_token: readAccessToken,
  refresh_token: readRefreshToken,
  id_token: readIdToken,
  jwt: async (reading) => (await readAccessToken(reading)) ?? (await readAssertion(reading)),
}

/**
 * The token under `name`, or null where there is none.
 * @throws OAuthError `invalid_request`
 * @spec RFC 8693 §2.1, §2.2.2
 */
export async function readToken(
  name: 'subject_token' | 'actor_token',
  { parts, client, form }: { parts: Parts; client: RegisteredClient; form: Form },
): Promise<ReadToken | null> {
  const [value, type] = [form.get(name), form.get(`${name}_type`)]
  if (value === undefined && type === undefined) return null
  if (value === undefined) throw new OAuthError('invalid_request', `${name}_type stands without ${name}`)
  if (type === undefined) throw new OAuthError('invalid_request', `${name}_type is missing`)
  const read = type.startsWith(tokenTypePrefix) ? Object.hasOwn(readers, type.slice(tokenTypePrefix.length)) : false
  const reader = read ? readers[type.slice(tokenTypePrefix.length)] : undefined
  if (reader === undefined) {
    const known = Object.keys(readers).map((each) => tokenTypePrefix + each)
    throw new OAuthError('invalid_request', `${name}_type must be one of ${known.join(', ')}`)
  }
  const found = await reader({ parts, client, value })
  if (found === null) throw new OAuthError('invalid_request', `the ${name} is not valid: unknown, expired or revoked`)
  return found
}

async function readAccessToken({ parts, value }: Reading): Promise<ReadToken | null> {
  const found = await findAccessToken(parts, value)
  return found === null ? null : ours(parts, found, 'access_token')
}

/** Never another client's: whoever holds it could otherwise do without the proof that its own grant asks for. */
async function readRefreshToken({ parts, client, value }: Reading): Promise<ReadToken | null> {
  const found = await findRefreshToken(parts, value, { rotated: false })
  return found === null || found.clientId !== client.metadata.client_id ? null : ours(parts, found, 'refresh_token')
}

/** The family knows the person; a token may name them otherwise. */
async function ours(parts: Parts, found: PresentedToken, type: ExchangedToken['type']): Promise<ReadToken | null> {
  const { clientId, scope, resources, expiresAt, origin } = found
  const family = await parts.store.families.find(origin.familyId)
  const sub = family === null || family.sub === '' ? found.sub : family.sub
  // Where somebody signed in, they must still be there.
  if (origin.authTime !== null && (await parts.accounts.find(sub)) === null) return null
  const token = { type, issuer: parts.issuer, sub, clientId, scope, resources, expiresAt, act: origin.act }
  return { token, origin, isOurs: true }
}

/** @spec OIDC Core §3.1.3.7: an ID token is for its audience and nobody else */
async function readIdToken({ parts, client, value }: Reading): Promise<ReadToken | null> {
  const claims = parts.keys.verify(value, 'JWT')
  if (claims === null || claims.iss !== parts.issuer) return null
  const { sub: subject, exp, aud, sid, auth_time: authTime } = claims
  if (typeof subject !== 'string' || typeof exp !== 'number' || exp <= parts.runtime.now()) return null
  const clientId = client.metadata.client_id
  if (![aud].flat().includes(clientId)) return null
  const sub = parts.subjects.whom(client.metadata, subject, claims)
  if (sub === null) return null
  const inherited = {
    familyId: newId(parts.runtime),
    sid: typeof sid === 'string' ? sid : null,
    authTime: typeof authTime === 'number' ? authTime : null,
    acr: null,
    amr: [],
  }
  const token = { issuer: parts.issuer, sub, clientId, scope: [], resources: [], expiresAt: exp, act: undefined }
  return { token: { ...token, type: 'id_token' }, origin: inherited, isOurs: true }
}

async function readAssertion({ parts, client, value }: Reading): Promise<ReadToken | null> {
  const found = await findAssertion(parts, value, client)
  if ('problem' in found) return null
  const { issuer, sub, expiresAt, claims } = found
  const token = { issuer, sub, clientId: null, scope: [], resources: [], expiresAt, act: undefined }
  const inherited = { familyId: newId(parts.runtime), sid: null, authTime: null, acr: null, amr: [] }
  const mayAct = claims.may_act === undefined ? {} : { mayAct: claims.may_act }
  return { token: { ...token, type: 'jwt' }, origin: { ...inherited, ...mayAct }, isOurs: false }
}
