import { type Runtime, readUrl } from '@latchkey/protocol'
import { openFrame } from './platform/frame.ts'
import type { Platform } from './platform/platform.ts'

/** How long the provider may take in the frame, in seconds. */
const frameLimitSeconds = 10
/** A document that has loaded without an answer is no answer page; a form may still be on its way. */
const afterLoadSeconds = 2
/** What `silent-callback.html` says that it is. */
export const silentCallback = 'latchkey:silent-callback'

/** What a static page posts; anything else that our own origin posts is not for us. */
export function callbackOf(data: unknown, type: string, redirectUri: string): URLSearchParams | null {
  const message = Object(data)
  const url = message.type === type ? readUrl(message.url) : undefined
  const expected = new URL(redirectUri)
  return url?.origin === expected.origin && url.pathname === expected.pathname ? url.searchParams : null
}

interface Wait {
  end(answer: URLSearchParams | null): void
  /** Does something later, in the place of what was to be done before. */
  later(seconds: number, task: () => void): void
}

/** The answer that a static page hands on; null when none came in time. What `listen` returns is called at the end. */
export async function answerWithin(
  runtime: Runtime,
  seconds: number,
  listen: (wait: Wait) => () => void,
): Promise<URLSearchParams | null> {
  const ending: (() => void)[] = []
  const answer = await new Promise<URLSearchParams | null>((end) => {
    let cancel = () => {}
    const later: Wait['later'] = (pause, task) => {
      cancel()
      cancel = runtime.schedule(pause, task)
    }
    ending.push(
      runtime.schedule(seconds, () => end(null)),
      listen({ end, later }),
      () => cancel(),
    )
  })
  for (const finish of ending) finish()
  return answer
}

/** The parameters with which the provider answers in a hidden frame; null when none came in time. */
export function answerOfFrame(platform: Platform, url: string, redirectUri: string): Promise<URLSearchParams | null> {
  return answerWithin(platform.runtime, frameLimitSeconds, ({ end, later }) =>
    (platform.openFrame ?? openFrame)(url, {
      message(data) {
        const answer = callbackOf(data, silentCallback, redirectUri)
        if (answer) end(answer)
      },
      loaded: () => later(afterLoadSeconds, () => end(null)),
    }),
  )
}
