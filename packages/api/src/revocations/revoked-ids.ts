import { type AccessTokenClaims, type RevocationEvent, revocationKinds } from '@latchkey/protocol'

/** What was revoked and is not yet expired, as 61-bit keyed hashes in one open-addressed table. */
export interface RevokedIds {
  /** Whether a token is covered by anything revoked. */
  covers(claims: AccessTokenClaims, kid: string | undefined): boolean
  /** False when there is no room: from then on, what is held is not all there is. */
  add(event: RevocationEvent, now: number): boolean
  /** How many are held, expired ones that were not yet cleared away included. */
  readonly size: number
  /** Grows with each addition. */
  readonly version: number
  /** Bytes of the table. */
  readonly bytes: number
  /** Everything held, as `createRevokedIds` takes it again. */
  dump(): { readonly seed: number; readonly rows: Uint32Array<ArrayBuffer> }
}

const [token, family, session, subject, client, key] = [0, 1, 2, 3, 4, 5]
/** Words of a row, in the table and in what `dump` gives. */
export const rowWords = 4
const words = rowWords
const kindBits = 7
const smallest = 1024
const fullest = 0.7
/** How often a table that is full to its limit is searched for what expired. */
const crampedSeconds = 10

interface Options {
  /** Makes the hashes unpredictable to whoever can choose ids. */
  readonly seed: number
  readonly limit: number
  readonly rows?: Uint32Array
}

/** Each row: hash, hash with the kind in its low bits, end, instant. @throws RangeError for more rows than `limit` */
export function createRevokedIds({ seed, limit, rows = new Uint32Array(0) }: Options): RevokedIds {
  let table = new Uint32Array(smallest * words)
  let size = 0
  let version = 0
  let rebuiltAt = 0
  const counts = new Uint32Array(revocationKinds.length)
  let low = 0
  let high = 0

  /** Two multiplicative lanes and a finalizer that mixes each into the other (cyrb53, keyed and widened). */
  function hash(kind: number, id: string, length = id.length): void {
    let a = seed ^ 0xdeadbeef
    let b = seed ^ 0x41c6ce57
    for (let index = 0; index < length; index++) {
      const code = id.charCodeAt(index)
      a = Math.imul(a ^ code, 0x9e3779b1)
      b = Math.imul(b ^ code, 0x5f356495)
    }
    a = Math.imul(a ^ (a >>> 16) ^ kind, 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
    b = Math.imul(b ^ (b >>> 16) ^ length, 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
    low = (a ^ (b >>> 16)) >>> 0
    high = ((b & ~kindBits) | kind) >>> 0
  }

  /** The row of what was hashed last, or the free one where it belongs. */
  function slot(into: Uint32Array, first: number, second: number): number {
    const mask = into.length / words - 1
    let at = first & mask
    for (;;) {
      const row = at * words
      if (into[row + 2] === 0 || (into[row] === first && into[row + 1] === second)) return row
      at = (at + 1) & mask
    }
  }

  function find(kind: number, id: string, length?: number): number {
    if (counts[kind] === 0) return -1
    hash(kind, id, length)
    const row = slot(table, low, high)
    return table[row + 2] === 0 ? -1 : row
  }

  function put(first: number, second: number, [end, at]: readonly [number, number]): void {
    const row = slot(table, first, second)
    if (table[row + 2] === 0) {
      size++
      const kind = second & kindBits
      counts[kind] = (counts[kind] ?? 0) + 1
    }
    table[row] = first
    table[row + 1] = second
    table[row + 2] = Math.max(table[row + 2] ?? 0, end)
    table[row + 3] = Math.max(table[row + 3] ?? 0, at)
  }

  /** Into a table of the right size, without what expired. */
  function rebuild(now: number): void {
    const old = table
    let alive = 0
    for (let row = 0; row < old.length; row += words) if ((old[row + 2] ?? 0) > now) alive++
    let capacity = smallest
    while (alive + 1 > capacity * fullest * 0.75) capacity *= 2
    table = new Uint32Array(capacity * words)
    size = 0
    counts.fill(0)
    for (let row = 0; row < old.length; row += words) {
      const end = old[row + 2] ?? 0
      if (end > now) put(old[row] ?? 0, old[row + 1] ?? 0, [end, old[row + 3] ?? 0])
    }
  }

  function makeRoom(now: number): boolean {
    if ((size + 1) * words <= table.length * fullest && size < limit) return true
    if (size >= limit && now < rebuiltAt + crampedSeconds) return false
    rebuiltAt = now
    rebuild(now)
    return size < limit
  }

  for (let row = 0; row < rows.length; row += words) {
    if (!makeRoom(0)) throw new RangeError(`there is room for ${limit} rows, not for ${rows.length / words}`)
    put(rows[row] ?? 0, rows[row + 1] ?? 0, [rows[row + 2] ?? 1, rows[row + 3] ?? 0])
  }

  /** Ids that may be used anew (a person, a client): only what was issued until then is covered. */
  function coversUntil(kind: number, id: string, issuedAt: number): boolean {
    const row = find(kind, id)
    return row !== -1 && issuedAt <= (table[row + 3] ?? 0)
  }

  return {
    covers(claims, kid) {
      if (size === 0) return false
      const { jti, sid, sub, client_id: clientId, iat } = claims
      if (jti !== undefined) {
        if (find(token, jti) !== -1) return true
        const dot = jti.indexOf('.')
        if (dot > 0 && find(family, jti, dot) !== -1) return true
      }
      if (sid !== undefined && find(session, sid) !== -1) return true
      if (kid !== undefined && find(key, kid) !== -1) return true
      if (coversUntil(subject, sub, iat)) return true
      return clientId !== undefined && coversUntil(client, clientId, iat)
    },
    add({ kind, id, at, expiresAt }, now) {
      if (expiresAt <= now) return true
      version++
      if (!makeRoom(now)) return false
      hash(revocationKinds.indexOf(kind), id)
      put(low, high, [Math.ceil(expiresAt), Math.ceil(at)])
      return true
    },
    get size() {
      return size
    },
    get version() {
      return version
    },
    get bytes() {
      return table.byteLength
    },
    dump() {
      const held = new Uint32Array(size * words)
      let next = 0
      for (let row = 0; row < table.length; row += words) {
        if (table[row + 2] === 0) continue
        held.set(table.subarray(row, row + words), next)
        next += words
      }
      return { seed, rows: held }
    },
  }
}
