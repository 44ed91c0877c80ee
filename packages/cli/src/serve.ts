import { createAccounts } from '@latchkey/accounts'
import { createAdminPages } from '@latchkey/admin'
import { ConfigError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createProvider, declaredDetailsType, type ProviderEvent, type ProviderOptions } from '@latchkey/provider'
import { createClientCertificates } from './client-certificates.ts'
import type { ServeConfig } from './config/serve-config.ts'
import { loadEncryptionKeys } from './encryption-key.ts'
import { createHealth } from './health.ts'
import { bindServer, freePort } from './http-server.ts'
import { issuerPage } from './issuer-page.ts'
import { openStores } from './stores.ts'

/** How the provider's problems name the key. */
const keyOption = 'keyEncryptionKey:'

export interface ServeOptions {
  readonly runtime?: Runtime
  /** Pages asked before the command's own. */
  readonly pages?: ProviderOptions['pages']
  readonly onEvent?: (event: ProviderEvent) => void
}

export interface RunningServer {
  readonly issuer: string
  /**
   * Not ready from now on, but serving for the configured grace; then accepts nothing new, finishes what runs
   * (at most 10 seconds) and closes the store.
   */
  close(): Promise<void>
}

/** Runs a provider as the configuration says; nothing listens before it could answer. Throws a ConfigError with what to do. */
export async function serve(config: ServeConfig, options: ServeOptions = {}): Promise<RunningServer> {
  const runtime = options.runtime ?? systemRuntime
  const port = config.listen.port === 0 ? await freePort(config.listen.host) : config.listen.port
  const issuer = config.issuer.replace(/:0(?=\/|$)/, `:${port}`)
  const stores = openStores(config.store)
  try {
    await stores.ready()
    const hasKeys = (await stores.store.keys.list()).length > 0
    const certificates = config.mutualTls === null ? null : createClientCertificates(config.mutualTls, runtime)
    const accounts = await createAccounts({
      store: stores.accounts,
      runtime,
      users: config.users,
      registration: config.accountRegistration,
    })
    const provider = await createProvider({
      issuer,
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
      acrValues: config.acrValues,
      authorizationDetailsTypes: config.authorizationDetailsTypes.map(declaredDetailsType),
      requirePushedAuthorizationRequests: config.requirePushedAuthorizationRequests,
      unsignedRequestObjects: config.unsignedRequestObjects,
      ...config.clientRegistration,
      ...config.grants,
      requireDpopNonces: config.requireDpopNonces,
      privateHosts: config.privateHosts,
      ...(certificates === null ? {} : { mutualTls: certificates.mutualTls }),
      runtime,
      onEvent: options.onEvent ?? (() => {}),
      pages: [...(options.pages ?? []), createAdminPages(), issuerPage],
    })
    const health = createHealth({
      parts: { store: () => stores.store.keys.list() },
      runtime,
      onTrouble: (part, reason) =>
        options.onEvent?.({
          type: 'request.failed',
          at: runtime.now(),
          requestId: 'health',
          detail: `${part} is not ready: ${reason}`,
        }),
    })
    const server = await bindServer({
      listen: { ...config.listen, port },
      fetch: (request) => health.answer(request) ?? provider.fetch(request),
      certificates,
      runtime,
      endStreams: provider.drain,
    })
    return {
      issuer,
      async close() {
        health.drain()
        await server.close()
        await provider.close()
        await stores.close()
      },
    }
  } catch (error) {
    await stores.close()
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
