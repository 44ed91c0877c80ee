import { type Runtime, readUrl } from '@latchkey/protocol'

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
