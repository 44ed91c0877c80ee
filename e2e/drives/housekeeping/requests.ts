import type { Store } from '@latchkey/provider'
import { groundsOf, hashOf } from '../../../packages/store-sql/src/trials/records.ts'

/** How long reads and writes took, in milliseconds. */
export type Times = Record<'read' | 'write', number[]>

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
let serial = 0

/** Five writes and five reads at once, a few milliseconds apart, until `isOver`. */
export async function requests(store: Store, now: number, isOver: () => boolean): Promise<Times> {
  const times: Times = { read: [], write: [] }
  const timed = async (kind: keyof Times, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now()
    await work()
    times[kind].push(performance.now() - began)
  }
  while (!isOver()) {
    const number = 2 ** 40 + serial++ * 5
    const hashes = Array.from({ length: 5 }, (_, index) => hashOf('living', number + index))
    const token = { grounds: groundsOf(1), createdAt: now, expiresAt: now + 86_400 }
    await Promise.all([
      ...hashes.map((hash) => timed('write', () => store.accessTokens.create({ hash, ...token }))),
      ...hashes.map((hash) => timed('read', () => store.accessTokens.find(hash, now))),
    ])
    await sleep(2)
  }
  return times
}

export function say(name: string, times: Times): void {
  for (const [kind, all] of Object.entries(times)) {
    const sorted = all.sort((a, b) => a - b)
    const at = (part: number) => (sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0).toFixed(1)
    const figures = `median ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, longest ${at(1)} ms`
    console.log(`${name}, ${kind}s: ${sorted.length}; ${figures}`)
  }
}
