import { queryAt } from './local-address.ts'
import { openFrame } from './platform/frame.ts'
import type { Platform } from './platform/platform.ts'
import { within } from './within.ts'

/** What `silent-callback.html` says that it is. */
export const silentCallback = 'latchkey:silent-callback'

/** What a static page posts; anything else that our own origin posts is not for us. */
export function callbackOf(data: unknown, type: string, redirectUri: string): URLSearchParams | null {
  const message = Object(data)
  return message.type === type ? queryAt(message.url, redirectUri) : null
}

/** The parameters with which the provider answers in a hidden frame; undefined when none came in time. */
export function answerOfFrame(
  platform: Platform,
  url: string,
  redirectUri: string,
): Promise<URLSearchParams | undefined> {
  /** How long the provider may take in the frame, in seconds. */
  const frameLimitSeconds = 10
  /** A document that has loaded without an answer is no answer page; a form may still be on its way. */
  const afterLoadSeconds = 2
  return within<URLSearchParams>(platform.runtime, frameLimitSeconds, ({ end, later }) =>
    (platform.openFrame ?? openFrame)(url, {
      message(data) {
        const answer = callbackOf(data, silentCallback, redirectUri)
        if (answer) end(answer)
      },
      loaded: () => later(afterLoadSeconds, end),
    }),
  )
}
