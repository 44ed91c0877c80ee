import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answered, BffOrder, BffReply, BffStart } from './orders.ts'

/** One BFF process as its parent sees it. */
export interface BffChild {
  /** Makes the calls at once; null when the process died before it answered. */
  ask(order: Omit<BffOrder, 'id'>): Promise<readonly Answered[] | null>
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('./bff-process.ts', import.meta.url))
let serial = 0

export async function startBffChild(start: BffStart): Promise<BffChild> {
  const child = fork(program, { execArgv: ['--conditions=source', '--no-warnings'] })
  const gone = new Promise<null>((resolve) => {
    child.once('exit', () => resolve(null))
  })
  child.setMaxListeners(0)
  child.send(start)
  if ((await Promise.race([gone, once(child, 'message')])) === null) throw new Error('a BFF process did not start')
  return {
    ask: (order) => Promise.race([gone, answerTo(child, { ...order, id: serial++ })]),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

function answerTo(child: ChildProcess, order: BffOrder): Promise<readonly Answered[]> {
  return new Promise((resolve) => {
    const heard = (message: BffReply) => {
      if (message.kind !== 'done' || message.id !== order.id) return
      child.off('message', heard)
      resolve(message.answers)
    }
    child.on('message', heard)
    child.send(order)
  })
}
