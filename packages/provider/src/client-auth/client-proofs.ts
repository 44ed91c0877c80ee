import type { Runtime } from '@latchkey/protocol'
import { type ClientKeys, createClientKeys } from '../client-keys/client-keys.ts'
import type { ProviderOptions } from '../config.ts'
import { deriveKey } from '../crypto.ts'
import { createOutbound } from '../outbound/create-outbound.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createDpopNonces, type DpopNonces } from '../sender-constraint/dpop-nonces.ts'
import type { MutualTls } from '../sender-constraint/mutual-tls.ts'
import { type ClientSecrets, createClientSecrets } from './client-secrets.ts'
import { createWrongSecrets, defaultWrongSecrets, type WrongSecrets } from './wrong-secrets.ts'

/** What it takes to judge what clients prove: who they are, and which key they hold. */
export interface ClientProofs {
  /** Requests to addresses that clients named. */
  readonly outbound: Outbound
  /** Public keys that clients registered. */
  readonly clientKeys: ClientKeys
  readonly clientSecrets: ClientSecrets
  readonly wrongSecrets: WrongSecrets
  /** null where the server asks for no certificates. */
  readonly mutualTls: MutualTls | null
  readonly dpopNonces: DpopNonces
  readonly requireDpopNonces: boolean
}

/** @param secret what every node of the store shares */
export function createClientProofs(options: ProviderOptions, secret: string, runtime: Runtime): ClientProofs {
  const { issuer, privateHosts = [], mutualTls = null, requireDpopNonces = false } = options
  const outbound = options.outbound ?? createOutbound({ issuer, runtime, privateHosts })
  return {
    outbound,
    clientKeys: createClientKeys({ outbound, runtime }),
    clientSecrets: createClientSecrets(deriveKey(secret, 'latchkey client secrets'), runtime),
    wrongSecrets: createWrongSecrets({
      limit: { ...defaultWrongSecrets, ...options.wrongSecrets },
      clientAddress: options.clientAddress ?? (() => null),
      runtime,
    }),
    mutualTls,
    dpopNonces: createDpopNonces(deriveKey(secret, 'latchkey dpop nonces'), runtime),
    requireDpopNonces,
  }
}
