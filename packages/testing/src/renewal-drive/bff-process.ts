/** One BFF process of the renewal drive: its parent says what it is asked for, what time it is and where it dies. */
import { type Bff, createBff } from '@latchkey/bff'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createSqliteSessionStore, openSqlite } from '@latchkey/store-sql'
import type { Answered, BffOrder, BffReply, BffStart, RenewalStep } from './orders.ts'

const clock = { now: 0, since: systemRuntime.now() }
let dieAt: RenewalStep | undefined

function die(step: RenewalStep): void {
  if (dieAt === step) process.kill(process.pid, 'SIGKILL')
}

const runtime: Runtime = {
  ...systemRuntime,
  now: () => clock.now + systemRuntime.now() - clock.since,
  async fetch(input, init) {
    if (!String(init?.body).includes('grant_type=refresh_token')) return systemRuntime.fetch(input, init)
    die('before-request')
    if (dieAt === 'while-asking') systemRuntime.schedule(0.3, () => die('while-asking'))
    const answer = await systemRuntime.fetch(input, init)
    // However quick the answer, this process does not live to read it.
    if (dieAt === 'while-asking') await new Promise<never>(() => {})
    const body = await answer.arrayBuffer()
    die('after-answer')
    return new Response(body, answer)
  },
}

async function obey(core: Bff, order: BffOrder, origin: string): Promise<readonly Answered[]> {
  clock.now = order.now
  clock.since = order.sentAt
  dieAt = order.dieAt
  const answers = order.calls.map(async ({ path, cookie }) => {
    const answer = await core.handle(new Request(origin + path, { headers: { cookie, 'x-csrf': '1' } }))
    const said = await answer.text()
    return answer.status < 400 ? ([answer.status] as const) : ([answer.status, said] as const)
  })
  return Promise.all(answers)
}

process.once('message', ({ options, file, sessionKey }: BffStart) => {
  const core = createBff({
    ...options,
    store: createSqliteSessionStore(openSqlite(file)),
    sessionKey: Buffer.from(sessionKey, 'base64url'),
    onEvent: (event) => (event.type === 'tokens_renewed' ? die('after-commit') : undefined),
    runtime,
  })
  process.on('message', async (order: BffOrder) => {
    const answers = await obey(core, order, options.baseUrl)
    process.send?.({ kind: 'done', id: order.id, answers } satisfies BffReply)
  })
  process.send?.({ kind: 'ready' } satisfies BffReply)
})
