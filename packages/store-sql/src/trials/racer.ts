/** Opens the file, says "ready", and on a line of stdin redeems and rotates everything in it: `racer.ts FILE NAME COUNT`. */
import { once } from 'node:events'
import { createSqliteStore, openSqlite } from '../index.ts'
import { codeOf, hashOf, issuedOf, now } from './records.ts'

const [file = '', name = '', count = '0'] = process.argv.slice(2)
const store = createSqliteStore(openSqlite(file))
process.stdout.write('ready\n')
await once(process.stdin, 'data')

const outcomes: { codes: string[]; rotations: string[] } = { codes: [], rotations: [] }
for (let start = 0; start < Number(count); start += 10) {
  const numbers = Array.from({ length: 10 }, (_, index) => start + index)
  const codes = numbers.map((number) => store.codes.redeem(codeOf(number).hash, issuedOf(number, name), now))
  const rotations = numbers.map(async (number) => {
    const token = number + Number(count)
    const successor = { issued: issuedOf(token, name), sealedSuccessor: `sealed by ${name}` }
    const rotation = await store.refreshTokens.rotate(hashOf('refresh-first', token), successor, {
      now,
      graceSeconds: 30,
    })
    return rotation.outcome === 'replayed' ? rotation.sealedSuccessor : rotation.outcome
  })
  outcomes.codes.push(...(await Promise.all(codes)))
  outcomes.rotations.push(...(await Promise.all(rotations)))
}
await store.close()
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
process.stdin.destroy()
