import type { RegisteredClient } from '../config.ts'
import type { ProviderEvent } from '../events.ts'
import type { Parts } from '../parts.ts'
import type { LogoutDelivery } from '../store/store.ts'

/** How one attempt to tell a client something went. */
export type ErrandResult =
  | { readonly outcome: 'done' }
  /** There is nothing to tell any more. */
  | { readonly outcome: 'moot' }
  /** Failed: may pass by itself, or will not. */
  | { readonly outcome: 'again' | 'final'; readonly why: string }

/** What is told of an attempt; `final` also where the time was over. */
export interface Told {
  readonly outcome: 'done' | 'again' | 'final'
  readonly why?: string
}

/** A kind of call to clients that the delivery queue makes: one file and one line in `logout-deliveries.ts`. */
export interface Errand {
  /** Seconds before the second attempt; three times as long before each later one. */
  readonly firstRetrySeconds: number
  readonly longestRetrySeconds: number
  send(parts: Parts, client: RegisteredClient, delivery: LogoutDelivery): Promise<ErrandResult>
  /** The event that an attempt is worth, or null. */
  told(told: Told): Pick<ProviderEvent, 'type' | 'detail'> | null
}
