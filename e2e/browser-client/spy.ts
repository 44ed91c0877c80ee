import type { BrowserContext, Page } from '@playwright/test'

declare global {
  interface Window {
    /** Everything that reached a script of this page, as text. */
    spied(): Promise<string>
  }
}

/**
 * Stands where a script injected into the page would: keeps every message of workers, channels and windows and every
 * answer to `fetch`, and looks through the window, the storages and the databases when asked.
 */
export async function spyOn(context: BrowserContext): Promise<(page: Page) => Promise<string>> {
  await context.addInitScript(spy)
  return (page) => page.evaluate(() => window.spied())
}

function spy(): void {
  const heard: string[] = []
  const textOf = (value: unknown) => {
    const seen = new WeakSet<object>()
    return JSON.stringify(value, (_key, inner: unknown) => {
      if (inner instanceof ArrayBuffer || ArrayBuffer.isView(inner)) return new TextDecoder('latin1').decode(inner)
      if (typeof inner !== 'object' || inner === null) return inner
      if (seen.has(inner) || inner instanceof Node || inner === window) return null
      seen.add(inner)
      return inner
    })
  }
  const note = (value: unknown) => void heard.push(String(textOf(value)))
  const noteEvent = ({ data }: MessageEvent) => note(data)
  const RealWorker = window.Worker
  window.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options)
      this.addEventListener('message', noteEvent)
    }
  }
  const RealChannel = window.BroadcastChannel
  window.BroadcastChannel = class extends RealChannel {
    constructor(name: string) {
      super(name)
      this.addEventListener('message', noteEvent)
    }
    override postMessage(message: unknown): void {
      note(message)
      super.postMessage(message)
    }
  }
  window.addEventListener('message', noteEvent)
  const realFetch = window.fetch.bind(window)
  window.fetch = async (input, init) => {
    const response = await realFetch(input, init)
    note(await response.clone().text())
    return response
  }
  const inDatabases = async () => {
    const found: unknown[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store).getAll()
        await new Promise((resolve) => all.addEventListener('success', resolve))
        for (const value of all.result) {
          found.push(value)
          const isKey = value instanceof CryptoKey && value.type !== 'public'
          if (isKey) found.push(await crypto.subtle.exportKey('jwk', value).catch(() => 'a key that cannot be read'))
        }
      }
      database.close()
    }
    return found
  }
  window.spied = async () => {
    const own = Object.fromEntries(
      Object.getOwnPropertyNames(window)
        .filter((name) => !/^(window|self|frames|parent|top|document|spied)$/.test(name))
        .map((name) => [name, (window as unknown as Record<string, unknown>)[name]]),
    )
    const held = window.auth?.getTokens?.() ?? null
    const storages = [{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]
    return [...heard, textOf(own), textOf(held), textOf(storages), textOf(await inDatabases())].join('\n')
  }
}

/** The refresh and access tokens of every answer that the provider's token endpoint gave to this browser. */
export function issuedTo(context: BrowserContext) {
  const refreshTokens: string[] = []
  const accessTokens: string[] = []
  const requests = { refresh: 0 }
  context.on('request', (request) => {
    if (request.url().endsWith('/token') && request.postData()?.includes('grant_type=refresh_token')) requests.refresh++
  })
  context.on('response', async (response) => {
    if (!response.url().endsWith('/token') || !response.ok()) return
    const answer: { refresh_token?: string; access_token?: string } = await response.json().catch(() => ({}))
    if (answer.refresh_token !== undefined) refreshTokens.push(answer.refresh_token)
    if (answer.access_token !== undefined) accessTokens.push(answer.access_token)
  })
  return { refreshTokens, accessTokens, requests }
}
