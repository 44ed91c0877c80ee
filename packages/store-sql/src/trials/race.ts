import type { Store } from '@latchkey/provider'
import { codeOf, hashOf, issuedOf, now } from './records.ts'

/** What each caller got for each code and each refresh token. */
export interface Outcomes {
  readonly codes: readonly (readonly string[])[]
  readonly rotations: readonly (readonly string[])[]
}

/** Makes `count` codes, and as many refresh tokens that came from other codes. */
export async function prepareRace(store: Store, count: number): Promise<void> {
  for (let start = 0; start < count; start += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - start) }, (_, index) => start + index)
    await Promise.all(numbers.flatMap((number) => [number, number + count]).map((n) => store.codes.create(codeOf(n))))
    await Promise.all(
      numbers.map((number) => number + count).map((n) => store.codes.redeem(codeOf(n).hash, issuedOf(n, 'first'), now)),
    )
  }
}

const batch = 10

/** Every caller presents every code and every refresh token, all callers at once. */
export async function race(store: Store, count: number, callers: readonly string[]): Promise<Outcomes> {
  const outcomes: { codes: string[][]; rotations: string[][] } = { codes: [], rotations: [] }
  for (let start = 0; start < count; start += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - start) }, (_, index) => start + index)
    const codes = numbers.map((number) => Promise.all(callers.map((by) => redeem(store, number, by))))
    const rotations = numbers.map((number) => Promise.all(callers.map((by) => rotate(store, number + count, by))))
    outcomes.codes.push(...(await Promise.all(codes)))
    outcomes.rotations.push(...(await Promise.all(rotations)))
  }
  return outcomes
}

function redeem(store: Store, number: number, by: string): Promise<string> {
  return store.codes.redeem(codeOf(number).hash, issuedOf(number, by), now)
}

async function rotate(store: Store, number: number, by: string): Promise<string> {
  const successor = { issued: issuedOf(number, by), sealedSuccessor: `sealed by ${by}` }
  const at = { now, graceSeconds: 30 }
  const rotation = await store.refreshTokens.rotate(hashOf('refresh-first', number), successor, at)
  if (rotation.outcome === 'rotated') return `rotated by ${by}`
  return rotation.outcome === 'replayed' ? rotation.sealedSuccessor : rotation.outcome
}
