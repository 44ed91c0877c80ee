/** An API's process: a guard that follows the feed. Answers what became of tokens, or how long one was still accepted. */
import { createApiGuard } from '@latchkey/api'

const [issuer = '', audience = '', clientSecret = '', maxAge = '10', persistTo = ''] = process.argv.slice(2)

export interface GuardOrder {
  readonly id: number
  /** `until` asks again and again until the token is refused. */
  readonly what: 'ask' | 'until'
  readonly token: string
}

export interface GuardReply {
  readonly id: number
  /** `admitted`, or the status of the refusal. */
  readonly answer: string
  readonly milliseconds: number
}

const guard = createApiGuard({
  issuer,
  audience,
  revocations: { clientId: 'guard', clientSecret, maxAgeSeconds: Number(maxAge), whenStale: 'refuse', persistTo },
})

async function ask(token: string): Promise<string> {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  return decision.outcome === 'refused' ? String(decision.refusal.status) : decision.outcome
}

process.on('message', async ({ id, what, token }: GuardOrder) => {
  const from = performance.now()
  let answer = await ask(token)
  while (what === 'until' && answer === 'admitted') {
    await new Promise((resolve) => setImmediate(resolve))
    answer = await ask(token)
  }
  process.send?.({ id, answer, milliseconds: performance.now() - from } satisfies GuardReply)
})
process.once('disconnect', () => process.exit(0))
process.send?.('ready')
