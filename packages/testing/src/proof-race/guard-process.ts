/** An API's process with a guard: says "ready", and at a message presents one proof so many times at once. */
import { createApiGuard } from '@latchkey/api'

const [kind = '', place = '', issuer = '', audience = ''] = process.argv.slice(2)

/** Loads its own kind alone: two processes start on a machine that may be busy. */
async function openReplays() {
  if (kind === 'redis') {
    const { createRedisReplayStore } = await import('@latchkey/store-redis')
    // All come at once here, and whoever is not answered in time is refused with another status than a replay.
    return createRedisReplayStore({ socketPath: place, waitSeconds: 60 })
  }
  const { createPostgresReplayStore, createSqliteReplayStore, openPostgres, openSqlite } = await import(
    '@latchkey/store-sql'
  )
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

const replays = await openReplays()
const guard = createApiGuard({ issuer, audience, dpop: { replays }, publicOrigin: 'https://api.example.com' })
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
