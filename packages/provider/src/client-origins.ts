import type { ClientMetadata, Runtime } from '@latchkey/protocol'
import type { Store } from './store/store.ts'

/** How long a client that another node changed may go unnoticed here. */
const freshSeconds = 10
const pageSize = 500

export interface StoredOrigins {
  has(origin: string): Promise<boolean>
  /** The next question reads the store again. */
  forget(): void
}

/** The origins of a client's redirect URIs, as browsers write them. */
export function originsOf(client: Pick<ClientMetadata, 'redirect_uris'>): readonly string[] {
  return client.redirect_uris.flatMap((uri) => {
    const url = URL.canParse(uri) ? new URL(uri) : undefined
    return url === undefined || url.origin === 'null' ? [] : [url.origin]
  })
}

/** The origins of stored clients, read at most once in ten seconds however many ask. */
export function createStoredOrigins(clients: Store['clients'], runtime: Runtime): StoredOrigins {
  let readAt = Number.NEGATIVE_INFINITY
  let origins: Promise<ReadonlySet<string>> | undefined
  return {
    async has(origin) {
      const now = runtime.now()
      if (origins === undefined || now - readAt > freshSeconds) {
        readAt = now
        const reading = readOrigins(clients)
        origins = reading
        reading.catch(() => {
          if (origins === reading) origins = undefined
        })
      }
      return (await origins).has(origin)
    },
    forget() {
      origins = undefined
    },
  }
}

async function readOrigins(clients: Store['clients']): Promise<ReadonlySet<string>> {
  const origins = new Set<string>()
  for (let after: string | undefined; ; ) {
    const page = await clients.list({ limit: pageSize, ...(after === undefined ? {} : { after }) })
    for (const record of page) for (const origin of originsOf(record.metadata)) origins.add(origin)
    after = page.at(-1)?.metadata.client_id
    if (after === undefined || page.length < pageSize) return origins
  }
}
