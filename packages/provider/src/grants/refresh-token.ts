import { narrowScope, OAuthError, parseScope } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hashHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { HandleHash, RefreshTokenRecord } from '../store/store.ts'
import { agreed } from './agreed.ts'
import type { GrantFactory } from './grant.ts'

/** @spec RFC 6749 §6; RFC 9700 §4.14.2 */
export const refreshToken: GrantFactory = (parts) => ({
  type: 'refresh_token',
  async authorize({ client, form }) {
    const presented = form.require('refresh_token')
    const record = await findRefreshToken(parts, presented, client)
    const { grounds } = record
    const scope = narrowScope(grounds.scope, parseScope(form.get('scope')))
    return {
      ...(await agreed(parts, { client, form, grounds, scope })),
      nonce: null,
      proof: { kind: 'refresh', handle: presented, record, rotates: rotates(client, record) },
    }
  },
})

/**
 * Whether a successor takes the token's place. One that was rotated already always goes that way, so that a policy
 * changed meanwhile never hides reuse. @spec FAPI 2.0 §5.3.2.1; RFC 9700 §4.14.2
 */
function rotates({ metadata }: RegisteredClient, { grounds, rotatedAt }: Presented): boolean {
  if (metadata.refresh_token_policy === 'rotate' || rotatedAt !== null) return true
  const isConfidential = metadata.token_endpoint_auth_method !== 'none'
  return !isConfidential && grounds.cnf === null
}

type Presented = RefreshTokenRecord & { readonly rotatedAt: number | null }

/**
 * As this process issued it, where only `refreshTokens.rotate` needs to know what became of it: not where the key that it
 * is bound to may change, nor where it is not rotated.
 */
function issuedHere(parts: Parts, hash: HandleHash, client: RegisteredClient): Presented | undefined {
  const record = parts.issuedHere.refreshTokens.take(hash)
  if (record === undefined || record.grounds.cnf !== null) return undefined
  const current = { ...record, rotatedAt: null }
  return rotates(client, current) ? current : undefined
}

/** Also finds a token that was rotated: only `refreshTokens.rotate` may tell a lost answer from a thief. */
async function findRefreshToken(parts: Parts, presented: string, client: RegisteredClient): Promise<Presented> {
  const hash = hashHandle(presented)
  const record =
    hash === null ? null : (issuedHere(parts, hash, client) ?? (await parts.store.refreshTokens.find(hash)))
  if (record === null || record.expiresAt <= parts.runtime.now()) {
    throw new OAuthError('invalid_grant', 'the refresh token is unknown, expired or revoked')
  }
  const { clientId } = record.grounds
  if (clientId !== client.metadata.client_id) {
    const detail = `refresh token of "${clientId}" presented by "${client.metadata.client_id}"`
    throw new OAuthError('invalid_grant', 'the refresh token is unknown, expired or revoked', { detail })
  }
  return record
}
