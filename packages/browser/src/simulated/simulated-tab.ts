import type { FrameListener, Platform, TabStorage } from '../platform/platform.ts'
import type { createSimulatedChannels } from './simulated-channels.ts'
import type { SimulatedLocks } from './simulated-locks.ts'
import type { Navigation, Person } from './simulated-navigation.ts'
import type { SimulatedTime, TaskOwner } from './simulated-time.ts'

export interface SimulatedTab {
  readonly href: string
  /** Where this tab has been sent, in order. */
  readonly visited: readonly string[]
  readonly storage: Map<string, string>
  /** The platform of the page that is loaded, after a navigation that is on its way. */
  page(): Promise<Platform>
  /** Loads an address as if typed or reloaded: the page before it is gone. */
  go(href: string): Promise<Platform>
  freeze(): void
  thaw(): void
  /** The page is gone in this moment, whatever it was doing. */
  close(): void
}

/** What the tabs of one simulated browser share. */
export interface BrowserParts {
  readonly time: SimulatedTime
  readonly locks: SimulatedLocks
  readonly openChannel: ReturnType<typeof createSimulatedChannels>
  readonly navigation: Navigation
  readonly person: Person | undefined
  readonly network: (request: Request) => Promise<Response>
  readonly latency: (request: Request) => number
}

type Lifecycle = 'resume' | 'leave'

interface OpenPage extends TaskOwner {
  readonly lifecycle: Set<(event: Lifecycle) => void>
}

/** Where a silent sign-in ends, and what the static page there posts. */
const silentCallbackPath = '/silent-callback.html'

export function openSimulatedTab(browser: BrowserParts, initialHref: string): SimulatedTab {
  const { origin } = new URL(initialHref)
  const storage = new Map<string, string>()
  const visited: string[] = []
  const address = { href: initialHref }
  let current: OpenPage = newPage()
  let arriving: Promise<unknown> = Promise.resolve()

  function unload(): void {
    tell(current, 'leave')
    current.dead = true
    browser.locks.release(current)
  }

  function leaveFor(url: string): void {
    visited.push(url)
    unload()
    arriving = browser.time.during(browser.navigation.follow(url, origin, browser.person)).then((end) => {
      address.href = end
      current = newPage()
    })
  }

  async function page(): Promise<Platform> {
    await arriving
    return platformOf(browser, { owner: current, address, storage, leaveFor })
  }

  return {
    get href() {
      return address.href
    },
    visited,
    storage,
    page,
    go(href) {
      leaveFor(new URL(href, address.href).href)
      return page()
    },
    freeze() {
      current.frozen = true
    },
    thaw() {
      current.frozen = false
      tell(current, 'resume')
    },
    close: unload,
  }
}

interface PageParts {
  readonly owner: OpenPage
  readonly address: { href: string }
  readonly storage: Map<string, string>
  readonly leaveFor: (url: string) => void
}

function platformOf(browser: BrowserParts, { owner, address, storage, leaveFor }: PageParts): Platform {
  const { time, locks, openChannel } = browser
  return {
    interactive: true,
    runtime: {
      now: time.now,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(time.random() * 256)),
      fetch: fetchAs(browser, owner),
      schedule: (seconds, task) => time.after(seconds, owner, task),
    },
    page: {
      href: () => address.href,
      base: () => address.href,
      submit: (url, fields) => leaveFor(`${new URL(url, address.href).href}?${new URLSearchParams(fields)}`),
      assign: (url) => leaveFor(new URL(url, address.href).href),
      replaceAddress(url) {
        address.href = new URL(url, address.href).href
      },
    },
    storage: storageOver(storage),
    locks: locks.forPage(owner),
    openChannel: (name, receive) => openChannel(name, owner, receive),
    openFrame: (url, listener) => openFrame(browser, { owner, origin: new URL(address.href).origin, url, listener }),
    onLifecycle(listener) {
      owner.lifecycle.add(listener)
      return () => owner.lifecycle.delete(listener)
    },
  }
}

/** What a page sees of the tab's records: items that are members. */
function storageOver(records: Map<string, string>): TabStorage {
  const items = {
    getItem: (key: string) => records.get(key) ?? null,
    setItem: (key: string, value: string) => records.set(key, value),
    removeItem: (key: string) => records.delete(key),
  }
  return new Proxy(items, {
    ownKeys: () => [...records.keys()],
    getOwnPropertyDescriptor: (_items, key) => ({ value: key, enumerable: true, configurable: true }),
  })
}

/** Requests take a random time each way; a page that is gone never hears the answer. */
function fetchAs({ time, network, latency }: BrowserParts, owner: TaskOwner): Platform['runtime']['fetch'] {
  const pause = (seconds: number) =>
    new Promise<void>((resolve) => time.after(0.001 + time.random() * 0.04 + seconds, owner, resolve))
  return async (input, init) => {
    const request = new Request(input, init)
    const aborted = new Promise<never>((_resolve, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true })
    })
    const travel = async () => {
      await pause(latency(request))
      const response = await time.during(network(request))
      await pause(0)
      return response
    }
    return Promise.race([travel(), aborted])
  }
}

interface OpenFrame {
  readonly owner: TaskOwner
  readonly origin: string
  readonly url: string
  readonly listener: FrameListener
}

function openFrame({ time, navigation }: BrowserParts, { owner, origin, url, listener }: OpenFrame): () => void {
  let open = true
  void time.during(navigation.follow(url, origin)).then((end) => {
    time.after(time.random() * 0.05, owner, () => {
      const answers = end.startsWith(`${origin}${silentCallbackPath}?`)
      if (open && answers) listener.message({ type: 'latchkey:silent-callback', url: end })
      if (open) listener.loaded()
    })
  })
  return () => {
    open = false
  }
}

function newPage(): OpenPage {
  return { dead: false, frozen: false, lifecycle: new Set() }
}

function tell({ lifecycle }: OpenPage, event: Lifecycle): void {
  for (const listener of [...lifecycle]) listener(event)
}
