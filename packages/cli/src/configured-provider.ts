import { createAccounts } from '@latchkey/accounts'
import { ConfigError, type Runtime } from '@latchkey/protocol'
import { createProvider, declaredDetailsType, type Provider, type ProviderOptions } from '@latchkey/provider'
import { createClientAddress } from './client-address.ts'
import type { ServeConfig } from './config/serve-config.ts'
import { loadEncryptionKeys } from './encryption-key.ts'
import type { Stores } from './stores.ts'

/** What the configuration does not say. */
export interface Surroundings extends Pick<ProviderOptions, 'issuer' | 'mutualTls' | 'onEvent' | 'pages'> {
  readonly stores: Stores
  readonly runtime: Runtime
}

/** How the provider's problems name the key. */
const keyOption = 'keyEncryptionKey:'

/** The provider that a configuration describes. Throws a ConfigError with what to do. */
export async function createConfiguredProvider(
  config: ServeConfig,
  { stores, runtime, ...given }: Surroundings,
): Promise<Provider> {
  const hasKeys = (await stores.store.keys.list()).length > 0
  const accounts = await createAccounts({
    store: stores.accounts,
    runtime,
    users: config.users,
    registration: config.accountRegistration,
  })
  try {
    return await createProvider({
      ...given,
      store: stores.store,
      accounts,
      clients: config.clients,
      resources: config.resources,
      lifetimes: config.lifetimes,
      keyEncryptionKey: loadEncryptionKeys(config, { runtime, mustExist: hasKeys }),
      keySchedule: config.keySchedule,
      audit: config.audit,
      scopes: config.scopes,
      ...(config.statusLists === null ? {} : { statusLists: config.statusLists }),
      queryAccessTokens: config.queryAccessTokens,
      accountPage: config.accountPage,
      acrValues: config.acrValues,
      authorizationDetailsTypes: config.authorizationDetailsTypes.map(declaredDetailsType),
      requirePushedAuthorizationRequests: config.requirePushedAuthorizationRequests,
      unsignedRequestObjects: config.unsignedRequestObjects,
      ...config.clientRegistration,
      ...config.grants,
      requireDpopNonces: config.requireDpopNonces,
      privateHosts: config.privateHosts,
      wrongSecrets: { most: config.wrongSecrets.most, windowSeconds: config.wrongSecrets.windowSeconds },
      clientAddress: createClientAddress(config.wrongSecrets),
      runtime,
    })
  } catch (error) {
    throw inFileTerms(error, config)
  }
}

/** Says which file holds the key that the provider knows only as an option. */
function inFileTerms(error: unknown, { encryptionKeyFile }: ServeConfig): unknown {
  if (!(error instanceof ConfigError) || !error.problems.some((problem) => problem.startsWith(keyOption))) return error
  return new ConfigError([
    `${encryptionKeyFile} is not the key file this database was made with: its signing keys do not open. ` +
      'Put the right file back, or move the database away to start with an empty one (then everyone signs in again).',
  ])
}
