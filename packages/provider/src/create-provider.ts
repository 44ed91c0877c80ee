import { ConfigError, type ServerMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createClientRegistry } from './client-registry.ts'
import { defaultLifetimes, type ProviderOptions } from './config.ts'
import { configProblems } from './config-problems.ts'
import { deriveKey } from './crypto.ts'
import { createEndpoints } from './endpoints/index.ts'
import type { ClientOrigins } from './http/cors.ts'
import { createDoor } from './http/door.ts'
import { loadSigningKeys } from './keys/signing-keys.ts'
import { createMetadata } from './metadata.ts'
import { createOutbound } from './outbound/create-outbound.ts'
import type { Parts } from './parts.ts'
import { createSite } from './site.ts'
import { startSweeper } from './sweeper.ts'

/** An OpenID Connect provider: a function from Request to Response. */
export interface Provider {
  readonly issuer: string
  readonly metadata: ServerMetadata
  /** Answers any request; never rejects. */
  fetch(request: Request): Promise<Response>
  /** Ends the work in the background. The store stays open: it belongs to whoever made it. */
  close(): Promise<void>
}

/**
 * Checks everything, loads or makes the signing keys, and puts the provider together.
 * @throws ConfigError with every problem of the options, or when `keyEncryptionKey` is not the one of the store
 */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  const problems = [...configProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  const parts = await createParts(options)
  const endpoints = createEndpoints(parts)
  const metadata = createMetadata(parts, endpoints)
  parts.describe(metadata)
  const site = createSite(parts)
  const pages = options.pages ?? []
  const stopSweeper = startSweeper(parts.store, parts.runtime, (error) => reportSweep(parts, error))
  return {
    issuer: parts.issuer,
    metadata,
    fetch: createDoor({ parts, endpoints, origins: parts.clients, otherPages: (request) => firstPage(pages, request) }),
    close: stopSweeper,
  }
  function firstPage(list: typeof pages, request: Request): Promise<Response> | null {
    for (const page of list) {
      const response = page(request, site)
      if (response !== null) return response
    }
    return null
  }
}

type OwnParts = Parts & { readonly clients: Parts['clients'] & ClientOrigins; describe(metadata: ServerMetadata): void }

async function createParts(options: ProviderOptions): Promise<OwnParts> {
  const { issuer, store, accounts, keyEncryptionKey, onEvent, runtime = systemRuntime } = options
  let metadata: ServerMetadata | undefined
  return {
    issuer,
    basePath: new URL(issuer).pathname.replace(/\/$/, ''),
    store,
    accounts,
    clients: createClientRegistry({ configured: options.clients ?? [], store, runtime }),
    resources: new Map((options.resources ?? []).map((resource) => [resource.identifier, resource])),
    lifetimes: { ...defaultLifetimes, ...options.lifetimes },
    queryAccessTokens: options.queryAccessTokens ?? false,
    runtime,
    outbound: options.outbound ?? createOutbound({ issuer, runtime, privateHosts: options.privateHosts ?? [] }),
    keys: await loadSigningKeys({ store, keyEncryptionKey, runtime }),
    emit: safely(onEvent),
    formKey: deriveKey(keyEncryptionKey, 'latchkey form tokens'),
    metadata() {
      if (metadata === undefined) throw new Error('metadata was asked for before the endpoints were made')
      return metadata
    },
    describe(made) {
      metadata = made
    },
  }
}

/** A listener that throws must not take a request down with it. */
function safely(listener: ProviderOptions['onEvent']): Parts['emit'] {
  if (listener === undefined) return () => {}
  return (event) => {
    try {
      listener(event)
    } catch {
      return
    }
  }
}

function reportSweep(parts: Parts, error: unknown): void {
  const detail = `deleting expired rows failed: ${error instanceof Error ? error.message : String(error)}`
  parts.emit({ type: 'request.failed', at: parts.runtime.now(), requestId: 'sweeper', detail })
}
