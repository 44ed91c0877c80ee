import type { Value } from './postgres.ts'

export interface Statement {
  readonly sql: string
  readonly values: readonly Value[]
}

/** What is to be written behind an act, of its result; null when there is nothing. It may be asked more than once. */
export type More = (result: unknown) => Statement | null

export interface Riders {
  /** What rides with the act that begins now, for whoever asks first. */
  take(): More | null
  /** Begins `act`; false when no verb that it called before it waited for anything took `more` along. */
  along<T>(act: () => Promise<T>, more: More): { readonly done: Promise<T>; readonly rode: boolean }
}

export function createRiders(): Riders {
  let waiting: More | null = null
  return {
    take() {
      const more = waiting
      waiting = null
      return more
    },
    along(act, more) {
      waiting = more
      try {
        const done = act()
        return { done, rode: waiting === null }
      } finally {
        waiting = null
      }
    },
  }
}
