/** An API's process with a guard: says "ready", and at a message presents one proof so many times at once. */
import { createApiGuard } from '@latchkey/api'
import { createRedisReplayStore } from '@latchkey/store-redis'
import { createPostgresReplayStore, createSqliteReplayStore, openPostgres, openSqlite } from '@latchkey/store-sql'

const [kind = '', place = '', issuer = '', audience = ''] = process.argv.slice(2)

function openReplays() {
  if (kind === 'redis') return createRedisReplayStore({ socketPath: place })
  return kind === 'postgres'
    ? createPostgresReplayStore(openPostgres(place))
    : createSqliteReplayStore(openSqlite(place))
}

export interface RaceOrder {
  readonly token: string
  readonly proof: string
  readonly url: string
  readonly times: number
}

const replays = openReplays()
const guard = createApiGuard({ issuer, audience, dpop: { replays } })
process.on('message', async ({ token, proof, url, times }: RaceOrder) => {
  const request = { authorization: `DPoP ${token}`, dpop: proof, method: 'GET', url: () => url }
  const decisions = await Promise.all(Array.from({ length: times }, () => guard.authenticate(request)))
  process.send?.(decisions.map((one) => (one.outcome === 'refused' ? one.refusal.status : one.outcome)))
})
process.once('disconnect', async () => {
  await guard.close()
  await replays.close()
  process.exit(0)
})
process.send?.('ready')
