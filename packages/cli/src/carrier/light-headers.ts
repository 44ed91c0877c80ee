/** Headers as lists of pairs: made in no time, and everything that Fetch's own can do. Values are checked when they are sent. */

const NativeHeaders = globalThis.Headers

type Pair = [name: string, value: string]

/** The headers of an answer. Names are lower case. */
export class LightHeaders {
  /** In the order in which they came. */
  readonly pairs: Pair[] = []

  append(name: string, value: string): void {
    this.pairs.push([name.toLowerCase(), String(value)])
  }

  set(name: string, value: string): void {
    const key = name.toLowerCase()
    const first = this.pairs.find(([each]) => each === key)
    if (first === undefined) {
      this.pairs.push([key, String(value)])
      return
    }
    this.#keep((pair) => pair === first || pair[0] !== key)
    first[1] = String(value)
  }

  delete(name: string): void {
    const key = name.toLowerCase()
    this.#keep(([each]) => each !== key)
  }

  has(name: string): boolean {
    const key = name.toLowerCase()
    return this.pairs.some(([each]) => each === key)
  }

  get(name: string): string | null {
    const key = name.toLowerCase()
    const values = this.pairs.filter(([each]) => each === key).map(([, value]) => value)
    return values.length === 0 ? null : values.join(', ')
  }

  getSetCookie(): string[] {
    return this.pairs.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  }

  forEach(callback: (value: string, name: string, all: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this as unknown as Headers)
  }

  /** Sorted, equal names as one, except for cookies. @spec Fetch §5.1 */
  *entries(): IterableIterator<[string, string]> {
    for (const name of [...new Set(this.pairs.map(([each]) => each))].sort()) {
      if (name === 'set-cookie') for (const cookie of this.getSetCookie()) yield [name, cookie]
      else yield [name, this.get(name) ?? '']
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }

  #keep(wanted: (pair: Pair) => boolean): void {
    const kept = this.pairs.filter(wanted)
    this.pairs.length = 0
    this.pairs.push(...kept)
  }
}
Object.setPrototypeOf(LightHeaders.prototype, NativeHeaders.prototype)

/** From what `new Response` and `new Headers` take. */
export function lightHeaders(init: HeadersInit | undefined): LightHeaders {
  const made = new LightHeaders()
  if (init === undefined) return made
  const pairs = Symbol.iterator in init ? (init as Iterable<readonly [string, string]>) : Object.entries(init)
  for (const [name, value] of pairs) made.append(name, value)
  return made
}
