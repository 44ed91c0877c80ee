import { createAdminPages } from '@latchkey/admin'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { ProviderEvent, ProviderOptions } from '@latchkey/provider'
import { createClientCertificates } from './client-certificates.ts'
import type { ServeConfig } from './config/serve-config.ts'
import { createConfiguredProvider } from './configured-provider.ts'
import { createHealth } from './health.ts'
import { bindServer, freePort } from './http-server.ts'
import { issuerPage } from './issuer-page.ts'
import { openStores } from './stores.ts'

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
    const certificates = config.mutualTls === null ? null : createClientCertificates(config.mutualTls, runtime)
    const provider = await createConfiguredProvider(config, {
      issuer,
      stores,
      runtime,
      ...(certificates === null ? {} : { mutualTls: certificates.mutualTls }),
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
    throw error
  }
}
