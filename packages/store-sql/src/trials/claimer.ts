/** A process that claims the right to renew a session in the file it is given, says so, and stays. */
import { createSqliteSessionStore, openSqlite } from '../index.ts'

const [file = '', hash = '', now = '0'] = process.argv.slice(2)
const store = createSqliteSessionStore(openSqlite(file))
const claim = await store.claimRefresh(hash, 1, { now: Number(now), leaseSeconds: 3600 })
process.stdout.write(`${claim.outcome}\n`)
process.stdin.resume()
