import { createSimulatedChannels } from './simulated-channels.ts'
import { createSimulatedLocks } from './simulated-locks.ts'
import { createNavigation, type Person } from './simulated-navigation.ts'
import { openSimulatedTab, type SimulatedTab } from './simulated-tab.ts'
import { createSimulatedTime, type SimulatedTime } from './simulated-time.ts'

export type { Person } from './simulated-navigation.ts'
export type { SimulatedTab } from './simulated-tab.ts'
export type { SimulatedTime } from './simulated-time.ts'

export interface SimulatedBrowserOptions {
  /** The same seed brings the same order of events. */
  readonly seed: number
  /** Everything outside the browser: provider, API. */
  readonly network: (request: Request) => Promise<Response>
  /** Seconds that a request takes beside the usual few milliseconds. */
  readonly latency?: (request: Request) => number
  /** Who sits in front of it; nobody unless given. */
  readonly person?: Person
  /** Epoch seconds. */
  readonly startAt?: number
}

/** A browser with several tabs that share cookies, locks and channels, in a time of its own. */
export interface SimulatedBrowser {
  readonly time: SimulatedTime
  /** Cookies of the provider, by name. */
  readonly cookies: Map<string, string>
  openTab(href: string): SimulatedTab
}

/** For tests: many tabs in one process, with message and lock orders that a seed decides. */
export function createSimulatedBrowser(options: SimulatedBrowserOptions): SimulatedBrowser {
  const { seed, network, person, startAt, latency = () => 0 } = options
  const time = createSimulatedTime(seed, startAt)
  const navigation = createNavigation(network)
  const parts = {
    time,
    locks: createSimulatedLocks(time),
    openChannel: createSimulatedChannels(time),
    navigation,
    network,
    latency,
    person,
  }
  return { time, cookies: navigation.cookies, openTab: (href) => openSimulatedTab(parts, href) }
}
