import { createTestBrowser, type TestBff, type TestBffOptions, type TestBrowser, testBff } from '@latchkey/testing'
import type { Auth, BffAuthConfig } from '../auth.ts'
import type { AuthPart } from '../auth-part.ts'
import { createAuth } from '../index.ts'
import type { openEventSource } from '../platform/event-source.ts'
import { inertPlatform } from '../platform/inert-platform.ts'
import type { Platform } from '../platform/platform.ts'
import { bffMode } from './bff-mode.ts'

/** A page of an application over a real BFF. */
export interface BffPage {
  readonly auth: Auth
  /** Where it was sent, in order. */
  readonly visited: string[]
  resume(): void
}

export interface BffPageOptions extends Partial<BffAuthConfig> {
  /** What the pages of one browser share. */
  readonly share?: Platform['openChannel']
  readonly parts?: readonly AuthPart[]
}

export interface BffPages {
  readonly house: TestBff
  open(browser?: TestBrowser, options?: BffPageOptions): BffPage
  close(): Promise<void>
}

export async function bffPages(options?: TestBffOptions): Promise<BffPages> {
  const house = await testBff(options)
  const endings: (() => void)[] = []
  return {
    house,
    open(browser = createTestBrowser(), { share = channels(), parts = [], ...config } = {}) {
      const ending = new AbortController()
      const stage = platformOf(house, browser, share)
      const bff = bffMode({ openEvents: eventsOf(house, { browser, ending }) })
      const secureRoutes = ['/api', 'https://api.example.com']
      const auth = createAuth({ secureRoutes, ...config, mode: 'bff', parts: [bff, ...parts] }, stage.platform)
      endings.push(auth.dispose, () => ending.abort())
      return { auth, visited: stage.visited, resume: stage.resume }
    },
    async close() {
      for (const end of endings) end()
      await house.close()
    },
  }
}

/** Resolves when the state is this one. */
export function until(auth: Auth, status: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => auth.state.status === status && resolve()
    auth.subscribe(look)
    look()
  })
}

function platformOf(house: TestBff, browser: TestBrowser, share: Platform['openChannel']) {
  const visited: string[] = []
  const listeners = new Set<(event: 'resume' | 'leave') => void>()
  const href = `${house.origin}/notes?x=1`
  const platform: Platform = {
    ...inertPlatform,
    interactive: true,
    runtime: {
      ...house.runtime,
      async fetch(input, init) {
        const given = input instanceof Request ? input.url : input
        const request = new Request(new URL(given, href), input instanceof Request ? input : init)
        const body = request.body === null ? {} : { body: await request.text() }
        return browser.fetch(request.url, { method: request.method, headers: request.headers, ...body })
      },
    },
    page: { ...inertPlatform.page, href: () => href, base: () => href, assign: (url) => visited.push(url) },
    openChannel: share,
    onLifecycle(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const resume = () => {
    for (const listener of [...listeners]) listener('resume')
  }
  return { platform, visited, resume }
}

/** The pages of one browser hear each other. */
export function channels(): Platform['openChannel'] {
  const ports = new Set<{ name: string; receive: (message: unknown) => void }>()
  return (name, receive) => {
    const port = { name, receive }
    ports.add(port)
    return {
      postMessage(message: unknown) {
        for (const other of ports) if (other !== port && other.name === name) other.receive(structuredClone(message))
      },
      close: () => ports.delete(port),
    }
  }
}

/** Server-sent events as an EventSource hears them, over the BFF's real stream. */
function eventsOf(
  house: TestBff,
  { browser, ending }: { browser: TestBrowser; ending: AbortController },
): typeof openEventSource {
  return (url, names, listener) => {
    const own = new AbortController()
    ending.signal.addEventListener('abort', () => own.abort())
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const listen = async () => {
      const headers = { cookie, 'x-csrf': '1', accept: 'text/event-stream' }
      const response = await fetch(house.origin + url, { headers, signal: own.signal })
      if (!response.ok) return listener('closed', null)
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        for (const block of decoder.decode(chunk).split('\n\n')) {
          const [, name = ''] = /^event: (.*)$/m.exec(block) ?? []
          const [, data = 'null'] = /^data: (.*)$/m.exec(block) ?? []
          if (names.includes(name)) listener(name, JSON.parse(data))
        }
      }
    }
    void listen().catch(() => undefined)
    return () => own.abort()
  }
}
