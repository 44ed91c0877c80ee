import type { Runtime } from '@latchkey/protocol'
import pg from 'pg'

/** A connection that listens, until it is lost. */
export interface Line {
  /** Begins to listen to a channel; what that throws is the line's end. */
  listen(channel: string): Promise<void>
  end(): Promise<void>
}

interface LineOptions {
  readonly runtime: Pick<Runtime, 'schedule'>
  readonly onNews: (channel: string, payload: string) => void
  /** Once; also when it never came to stand. */
  readonly onLost: () => void
}

/** How often the line is tried: when the network fails over it is silent, and nothing says that it is dead. */
const tryEverySeconds = 15
/** How long it may take to stand, to answer, and to end. */
const patienceSeconds = 10

/** @throws when it does not come to stand */
export async function openLine(connectionString: string, { runtime, onNews, onLost }: LineOptions): Promise<Line> {
  const client = new pg.Client({ connectionString, application_name: 'latchkey listener', keepAlive: true })
  const within = createPatience(runtime)
  let isLost = false
  let cancel = () => {}
  function lose(): void {
    if (isLost) return
    isLost = true
    cancel()
    client.end().catch(() => {})
    onLost()
  }
  function tryLater(): void {
    cancel = runtime.schedule(tryEverySeconds, () => {
      within(client.query('select 1')).then(() => isLost || tryLater(), lose)
    })
  }
  client.on('error', lose)
  client.on('end', lose)
  client.on('notification', ({ channel, payload }) => onNews(channel, payload ?? ''))
  try {
    await within(client.connect())
  } catch (error) {
    lose()
    throw error
  }
  tryLater()
  return {
    async listen(channel) {
      await within(client.query(`listen ${client.escapeIdentifier(channel)}`)).catch((error: unknown) => {
        lose()
        throw error
      })
    },
    async end() {
      cancel()
      isLost = true
      await within(client.end()).catch(() => {})
    },
  }
}

/** Waits for an answer for so long, and no longer. */
function createPatience(runtime: Pick<Runtime, 'schedule'>): (answer: Promise<unknown>) => Promise<void> {
  return (answer) =>
    new Promise((resolve, reject) => {
      const cancel = runtime.schedule(patienceSeconds, () => reject(new Error('no answer in time')))
      answer.then(() => resolve(), reject).finally(cancel)
    })
}
