import type { Duplex } from 'node:stream'
import type { Passage } from '../proxy/passage.ts'
import { closeFrame, createFrameCounter } from './frames.ts'

export interface Tunnel {
  readonly passage: Passage
  readonly browser: Duplex
  readonly api: Duplex
}

/** "The endpoint has received a message that violates its policy": the nearest that every browser knows. @spec RFC 6455 §7.4.1 */
const policyViolation = 1008
/** For the other side to answer. */
const farewellSeconds = 1

/**
 * Joins a browser's WebSocket to the API's: each side is read no faster than the other takes it, the end of one is the
 * end of the other, and both end with the session, on whichever node. Returns what ends both.
 */
export function joinTunnel({ passage, browser, api }: Tunnel): () => void {
  const frames = createFrameCounter()
  const over = () => {
    stop()
    browser.destroy()
    api.destroy()
  }
  api.on('data', (chunk: Buffer) => {
    frames.see(chunk)
    if (!browser.write(chunk)) api.pause()
  })
  browser.on('drain', () => api.resume())
  browser.pipe(api)
  // Half a WebSocket is none: who has heard the other leave has a moment to leave too.
  for (const side of [browser, api]) {
    side.on('end', () => {
      for (const each of [browser, api]) each.end()
      passage.after(farewellSeconds, over)
    })
  }
  for (const side of [browser, api]) side.on('error', over).on('close', over)

  const farewell = (reason: string) => {
    stop()
    const polite = frames.isBetweenFrames() && !browser.destroyed
    api.removeAllListeners('data').destroy()
    if (!polite) return over()
    browser.end(closeFrame(policyViolation, reason))
    passage.after(farewellSeconds, over)
  }
  const stop = passage.untilSessionEnds(() => farewell('the session has ended'))
  if (browser.destroyed || api.destroyed) over()
  return over
}
