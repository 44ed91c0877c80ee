/** Issues tokens without end and says on stdout what was acknowledged, until it is killed: `writer.ts STORE FIRST_NUMBER`. */
import { writeSync } from 'node:fs'
import { openStore } from './open-store.ts'
import { codeOf, issuedOf, now } from './records.ts'

const [place = '', first = '0'] = process.argv.slice(2)
const store = openStore(place)
let next = Number(first)

function say(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

/** Even numbers are redeemed once and rotated; odd ones are redeemed by two callers at once. */
async function live(number: number): Promise<void> {
  const code = codeOf(number)
  await store.codes.create(code)
  say('created', number)
  if (number % 2 === 1) {
    const tries = ['a', 'b'].map(async (by) =>
      say(await store.codes.redeem(code.hash, issuedOf(number, by), now), number),
    )
    await Promise.all(tries)
    return
  }
  const issued = issuedOf(number, 'a')
  say(await store.codes.redeem(code.hash, issued, now), number)
  const successor = { issued: issuedOf(number, 'rotated'), sealedSuccessor: 'sealed' }
  const { outcome } = await store.refreshTokens.rotate(issued.refreshToken.hash, successor, { now, graceSeconds: 30 })
  say(outcome, number)
}

async function worker(): Promise<never> {
  for (;;) await live(next++)
}

await Promise.all(Array.from({ length: 8 }, worker))
