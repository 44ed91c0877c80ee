import type { Runtime, StatusReference } from '@latchkey/protocol'
import { newId } from '../crypto.ts'
import type { Store } from '../store/store.ts'

/** One index of one list, for one token. */
export interface StatusPlace {
  readonly listId: string
  readonly reference: StatusReference
}

/** Gives out indices. Each is given once; nothing tells from an index when or to whom its token was issued. */
export interface StatusPlaces {
  take(now: number): StatusPlace | Promise<StatusPlace>
}

interface PlacesOptions {
  readonly store: Pick<Store, 'statusLists'>
  readonly runtime: Runtime
  readonly size: number
  /** Seconds a token in a list may last. */
  readonly longestToken: number
  /** The address of a list. */
  readonly address: (listId: string) => string
}

/** How long a list takes new tokens in. */
const openSeconds = 3600
/** The next list is opened when so much of this one is left. */
const lowWater = 1 / 16

interface OpenList {
  readonly id: string
  readonly closesAt: number
  /** Undefined once every index was given. */
  draw(): number | undefined
  isLow(): boolean
}

/**
 * A list belongs to the process that opened it, which draws its indices in an order made by chance: two nodes never
 * reach for the same one, and a restart leaves the rest of a list unused.
 */
export function createStatusPlaces({ store, runtime, size, longestToken, address }: PlacesOptions): StatusPlaces {
  let current: OpenList | null = null
  let next: OpenList | null = null
  let opening: Promise<OpenList> | null = null

  function open(now: number): Promise<OpenList> {
    opening ??= begin(now).finally(() => {
      opening = null
    })
    return opening
  }

  async function begin(now: number): Promise<OpenList> {
    const id = newId(runtime)
    const closesAt = now + openSeconds
    await store.statusLists.open({ id, size, createdAt: now, expiresAt: closesAt + longestToken })
    next = { id, closesAt, ...createDraw(size, runtime) }
    return next
  }

  function draw(now: number): StatusPlace | undefined {
    for (;;) {
      if (current === null) [current, next] = [next, null]
      if (current === null) return undefined
      const idx = now < current.closesAt ? current.draw() : undefined
      if (idx === undefined) {
        current = null
        continue
      }
      // Nobody waits for this one: should it fail, whoever needs it asks again.
      if (current.isLow() && next === null) open(now).catch(() => {})
      return { listId: current.id, reference: { idx, uri: address(current.id) } }
    }
  }

  async function waitFor(now: number): Promise<StatusPlace> {
    for (;;) {
      await open(now)
      const place = draw(now)
      if (place !== undefined) return place
    }
  }

  return {
    take: (now) => draw(now) ?? waitFor(now),
  }
}

/** Every number below `size` once, in an order that chance makes. */
function createDraw(size: number, runtime: Runtime): Pick<OpenList, 'draw' | 'isLow'> {
  const left = Uint32Array.from({ length: size }, (_, index) => index)
  let count = size
  let pool = new Uint32Array(0)
  let used = 0
  function chance(below: number): number {
    if (used === pool.length) {
      pool = new Uint32Array(runtime.randomBytes(1024).slice().buffer)
      used = 0
    }
    return Math.floor(((pool[used++] ?? 0) / 2 ** 32) * below)
  }
  return {
    isLow: () => count < size * lowWater,
    draw() {
      if (count === 0) return undefined
      const at = chance(count--)
      const drawn = left[at]
      left[at] = left[count] ?? 0
      return drawn
    },
  }
}
