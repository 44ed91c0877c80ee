import type { Runtime } from '@latchkey/protocol'

/** Everything of a browser that signing in needs; the DOM and globals stand behind it alone. */
export interface Platform {
  /** False on a server: nothing is asked, sent or kept, and the state stays `unknown`. */
  readonly interactive: boolean
  readonly runtime: Runtime
  readonly page: Page
  /** Null where it may not be used: then nothing outlives a redirect. */
  readonly storage: TabStorage | null
  readonly locks: Locks
  openChannel(name: string, receive: (message: unknown) => void): Channel
  /** Loads `url` in a hidden frame; the returned function takes the frame away. Left out, the document does. */
  openFrame?(url: string, listener: FrameListener): () => void
  /** `resume`: the page is shown, online or out of the back-forward cache again; `leave`: it goes away, perhaps into that cache. */
  onLifecycle(listener: (event: 'resume' | 'leave') => void): () => void
}

/** The address of the page and the ways to change it. */
export interface Page {
  href(): string
  /** Where relative addresses start: a `base` element can move it away from the page's own address. */
  base(): string
  /** Leaves for another address. */
  assign(url: string): void
  /** Leaves for another address by a form. */
  submit(url: string, fields: Readonly<Record<string, string>>): void
  /** Changes the address bar; the page and its history length stay. */
  replaceAddress(url: string): void
  /** Hands a message to the page that this one is framed by, when both share the origin; false otherwise. Left out, the window does. */
  relayToParent?(message: unknown): boolean
}

/** Storage of one tab that outlives a redirect, such as `sessionStorage`; its items are its own enumerable members. @spec HTML §12.2.1 */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Mutual exclusion over all tabs of the origin. */
export interface Locks {
  /** Waits as long as the holder works, then runs `work` alone. A tab that dies lets go. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Holds a lock of this tab's own until the returned function is called or the tab dies. */
  hold(name: string): () => void
  /** The names that any tab holds; null where the platform cannot tell. */
  held(): Promise<readonly string[] | null>
}

/** Messages to every other tab of the origin. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close'>

export interface FrameListener {
  /** A message from that very frame and of this page's origin; anything else is dropped before. */
  message(data: unknown): void
  /** The frame has finished loading some document. */
  loaded(): void
}
