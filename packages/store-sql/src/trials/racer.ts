/** Opens the store, says "ready", and on a line of stdin races for everything in it: `racer.ts STORE COUNT CALLER…`. */
import { once } from 'node:events'
import { createPostgresStore, createSqliteStore, openPostgres, openSqlite } from '../index.ts'
import { race } from './race.ts'

const [place = '', count = '0', ...callers] = process.argv.slice(2)
const isPostgres = place.startsWith('postgres:')
const store = isPostgres ? createPostgresStore(openPostgres(place)) : createSqliteStore(openSqlite(place))
await store.keys.list()
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const outcomes = await race(store, Number(count), callers)
await store.close()
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
process.stdin.destroy()
