import type { Runtime } from '@latchkey/protocol'

interface Wait<T> {
  end(answer?: T): void
  /** Does something later, in the place of what was to be done before. */
  later(seconds: number, task: () => void): void
}

/** What `listen` ends with; undefined when it does not within these seconds. What it returns is called at the end. */
export async function within<T>(
  runtime: Runtime,
  seconds: number,
  listen: (wait: Wait<T>) => () => void,
): Promise<T | undefined> {
  const ending: (() => void)[] = []
  const answer = await new Promise<T | undefined>((end) => {
    let cancel = () => {}
    const later: Wait<T>['later'] = (pause, task) => {
      cancel()
      cancel = runtime.schedule(pause, task)
    }
    ending.push(runtime.schedule(seconds, end as () => void), listen({ end, later }), () => cancel())
  })
  for (const finish of ending) finish()
  return answer
}
