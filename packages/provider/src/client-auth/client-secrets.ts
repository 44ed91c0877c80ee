import type { ClientMetadata, Runtime } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hasSha256, open, seal, sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { ClientRecord } from '../store/store.ts'
import type { Proof } from './client-auth-method.ts'

/** What is kept of a client's secrets: hashes, and the sealed text of those that sign. */
export type KeptSecrets = Pick<ClientRecord, 'secretHashes' | 'sealedSecret' | 'previousSecret'>

/** Seals the secrets of clients that sign with them: an HMAC cannot be checked against a hash. */
export interface ClientSecrets {
  /** What to keep of a secret. */
  keep(secret: string | null, client: Pick<ClientMetadata, 'client_id' | 'token_endpoint_auth_method'>): KeptSecrets
  /** What to keep when `secret` takes over and the one before stays valid until `previousUntil`, or ends at once. */
  succeed(before: ClientRecord, secret: string, previousUntil: number | null): KeptSecrets
  /** The texts of the secrets valid now, newest first. */
  open(client: RegisteredClient, now: number): readonly string[]
}

export function createClientSecrets(key: Uint8Array, runtime: Runtime): ClientSecrets {
  const sealFor = (secret: string, clientId: string) => seal(key, secret, { context: clientId, runtime })
  const keep: ClientSecrets['keep'] = (secret, client) => {
    if (secret === null) return { secretHashes: [] }
    const kept = { secretHashes: [sha256(secret)] }
    if (client.token_endpoint_auth_method !== 'client_secret_jwt') return kept
    return { ...kept, sealedSecret: sealFor(secret, client.client_id) }
  }
  return {
    keep,
    succeed(before, secret, previousUntil) {
      const kept = keep(secret, before.metadata)
      const hash = before.secretHashes[0]
      if (previousUntil === null || hash === undefined) return kept
      const sealed = before.sealedSecret === undefined ? {} : { sealed: before.sealedSecret }
      return { ...kept, previousSecret: { hash, expiresAt: previousUntil, ...sealed } }
    },
    open(client, now) {
      const { sealedSecret, previousSecret } = client
      const sealed = [sealedSecret, isValid(previousSecret, now) ? previousSecret.sealed : undefined]
      return sealed.flatMap((text) => {
        const secret = text === undefined ? null : open(key, text, client.metadata.client_id)
        return secret === null ? [] : [secret]
      })
    },
  }
}

type Previous = RegisteredClient['previousSecret']

function isValid(previous: Previous, now: number): previous is NonNullable<Previous> {
  return previous !== undefined && previous.expiresAt > now
}

/** Whether it is the client's secret, or the one before while that still counts. */
export function isClientSecret(client: RegisteredClient, secret: string, now: number): boolean {
  const { secretHashes, previousSecret } = client
  if (secretHashes.some((hash) => hasSha256(secret, hash))) return true
  return isValid(previousSecret, now) && hasSha256(secret, previousSecret.hash)
}

/** @spec RFC 6749 §2.3.1 */
export function refuteSecret(parts: Pick<Parts, 'runtime'>, { client, presented }: Proof): string | null {
  const { secret } = presented
  if (secret !== undefined && isClientSecret(client, secret, parts.runtime.now())) return null
  return `wrong secret for client "${client.metadata.client_id}"`
}
