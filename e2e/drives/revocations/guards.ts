import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GuardOrder, GuardReply } from './guard-process.ts'

/** An API's process as the drive sees it. */
export interface Guard {
  ask(what: GuardOrder['what'], token: string): Promise<GuardReply>
  /** `kill -9`. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('./guard-process.ts', import.meta.url))
let serial = 0

export async function startGuard(args: readonly string[]): Promise<Guard> {
  const child = fork(program, args, { execArgv: ['--conditions=source', '--no-warnings'] })
  child.setMaxListeners(0)
  process.once('exit', () => child.kill('SIGKILL'))
  await once(child, 'message')
  return {
    ask: (what, token) => answerTo(child, { id: serial++, what, token }),
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

function answerTo(child: ChildProcess, order: GuardOrder): Promise<GuardReply> {
  return new Promise((resolve) => {
    const heard = (reply: GuardReply) => {
      if (reply.id !== order.id) return
      child.off('message', heard)
      resolve(reply)
    }
    child.on('message', heard)
    child.send(order)
  })
}
