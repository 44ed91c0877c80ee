import { type Runtime, type SigningAlg, signingAlgs } from '@latchkey/protocol'
import type { ProviderOptions } from '../config.ts'
import type { Parts } from '../parts.ts'
import { type KeyEncryption, keyVault } from './key-encryption.ts'
import { keySchedule } from './key-schedule.ts'
import { loadProviderSecret } from './provider-secret.ts'
import { type KeyKeeper, loadSigningKeys } from './signing-keys.ts'

type Opening = Pick<Parts, 'store' | 'lifetimes' | 'emit'> & {
  readonly runtime: Runtime
  readonly options: ProviderOptions
}

/** Opens what the provider keeps sealed in its store. @throws ConfigError when it does not open */
export async function openKeys({ options, store, lifetimes, emit, runtime }: Opening): Promise<{
  readonly keys: KeyKeeper
  /** What keys of the provider's own are derived from. */
  readonly secret: string
}> {
  const given: KeyEncryption = options.keyEncryptionKey
  const vault = keyVault(given, runtime)
  const requestId = 'keys'
  const secret = await loadProviderSecret({ store, vault, runtime })
  const keys = await loadSigningKeys({
    store,
    vault,
    runtime,
    schedule: keySchedule(options.keySchedule ?? {}, lifetimes),
    algs: configuredAlgs(options),
    onChange: ({ type, kid }) => emit({ type, requestId, at: runtime.now(), detail: kid }),
    onError: (error) => {
      const detail = `looking after the signing keys failed: ${error instanceof Error ? error.message : String(error)}`
      emit({ type: 'request.failed', requestId, at: runtime.now(), detail })
    },
  })
  return { keys, secret }
}

/** Those of clients and resources in the configuration, and the two that clients take most. */
function configuredAlgs({ clients = [], resources = [] }: ProviderOptions): readonly SigningAlg[] {
  const named = new Set<unknown>(['RS256', 'ES256'])
  for (const resource of resources) named.add(resource.access_token_signing_alg)
  for (const client of clients) named.add(client.id_token_signed_response_alg)
  return signingAlgs.filter((alg) => named.has(alg))
}
