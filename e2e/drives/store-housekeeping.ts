/**
 * Five million expired rows, in an SQLite file and in PostgreSQL, swept to the end by the provider's own sweeper while
 * requests of the same process go on. Prints how long reads and writes took with the sweep and in pauses of it, how many rows
 * went in a second, and what became of the size.
 *
 *   npm run drive:store-housekeeping -- [rows] [sqlite | postgres]
 */
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Store } from '@latchkey/provider'
import { startSweeper } from '../../packages/provider/src/sweeper.ts'
import { whyNoPostgres } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { type Place, postgresPlace, sqlitePlace } from './housekeeping/place.ts'
import { requests, say, type Times } from './housekeeping/requests.ts'

const [count = '5000000', only] = process.argv.slice(2)
const rows = Number(count)
const now = Math.floor(systemRuntime.now())
/** Begins at once instead of after a minute; everything else is the server's own. */
const runtime = {
  ...systemRuntime,
  schedule: (s: number, f: () => void) => systemRuntime.schedule(s === 60 ? 0 : s, f),
}
/** Seconds of sweeping, and of requests alone, in turn: what else the machine does weighs on both alike. */
const turn = { sweep: 20, calm: 5 }

async function sweepAll(place: Place): Promise<void> {
  const during: Times = { read: [], write: [] }
  const between: Times = { read: [], write: [] }
  let swept = 0
  let isDone = false
  let seconds = 0
  const watched: Store = {
    ...place.store,
    async sweep(at, limit) {
      const went = await place.store.sweep(at, limit)
      swept += went
      if (went < limit) isDone = true
      return went
    },
  }
  while (!isDone) {
    await work(place, between, performance.now() + turn.calm * 1000)
    const stop = startSweeper(watched, runtime, (error) => {
      throw error
    })
    const began = performance.now()
    await work(place, during, began + turn.sweep * 1000, () => isDone)
    await stop()
    seconds += (performance.now() - began) / 1000
    console.log(`     ${place.name}: ${swept} rows in ${seconds.toFixed(0)} s of sweeping`)
  }
  say(`${place.name}, between sweeps`, between)
  say(`${place.name}, during sweeps`, during)
  const rate = Math.round(swept / seconds)
  console.log(
    `${place.name}: ${swept} rows swept in ${seconds.toFixed(0)} s, ${rate} a second; ${await place.left()} left`,
  )
}

async function work(place: Place, into: Times, until: number, isDone = () => false): Promise<void> {
  const times = await requests(place.store, now, () => isDone() || performance.now() > until)
  into.read.push(...times.read)
  into.write.push(...times.write)
}

async function drive(place: Place): Promise<void> {
  const empty = await place.megabytes()
  await place.fill(rows)
  const full = await place.megabytes()
  console.log(`${place.name}: ${await place.left()} expired rows, ${full.toFixed(0)} MB`)
  await sweepAll(place)
  const after = await place.megabytes()
  await place.fill(rows)
  const again = await place.megabytes()
  const grown = `${empty.toFixed(0)} MB empty, ${full.toFixed(0)} full, ${after.toFixed(0)} swept, ${again.toFixed(0)} filled again`
  console.log(`${place.name}: ${grown}`)
  if (again > full * 1.2) throw new Error('the space of swept rows is not used again')
  if (place.name === 'SQLite') await shrink(place)
  await place.close()
}

/** What the file gives back, a minute's worth in each round, beside requests. */
async function shrink(place: Place): Promise<void> {
  while ((await place.store.sweep(now, 100_000)) === 100_000);
  const full = await place.megabytes()
  let rounds = 0
  let isDone = false
  const times = requests(place.store, now, () => isDone)
  for (let before = full; ; rounds++) {
    await place.store.sweep(now, 500)
    const size = await place.megabytes()
    if (size === before) break
    before = size
  }
  isDone = true
  say(`${place.name}, while the file shrinks`, await times)
  console.log(
    `${place.name}: the file gave back ${full.toFixed(0)} → ${(await place.megabytes()).toFixed(0)} MB in ${rounds} rounds`,
  )
}

if (only !== 'postgres') await drive(await sqlitePlace(now))
if (only !== 'sqlite' && whyNoPostgres !== null) console.log(`skipped: ${whyNoPostgres}`)
else if (only !== 'sqlite') await drive(await postgresPlace(now))
process.exit(0)
