/** Opens the store, says "ready", and on a line of stdin races for everything in it: `racer.ts STORE COUNT CALLER…`. */
import { once } from 'node:events'
import { openStore } from './open-store.ts'
import { race } from './race.ts'

const [place = '', count = '0', ...callers] = process.argv.slice(2)
const store = openStore(place)
await store.keys.list()
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const outcomes = await race(store, Number(count), callers)
await store.close()
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
process.stdin.destroy()
