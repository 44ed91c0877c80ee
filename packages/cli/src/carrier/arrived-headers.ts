import type { IncomingMessage } from 'node:http'
import { LightHeaders } from './light-headers.ts'

type Arrived = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** The headers of a request, read where they lie; only whoever goes through all of them has them gathered. */
export class ArrivedHeaders {
  readonly #arrived: Arrived
  #gathered: LightHeaders | undefined

  constructor(arrived: Arrived) {
    this.#arrived = arrived
  }

  get(name: string): string | null {
    const key = name.toLowerCase()
    if (this.#gathered !== undefined) return this.#gathered.get(key)
    const { headers, rawHeaders } = this.#arrived
    // Most headers that are asked for are not there. Of one that is, Node keeps the first alone: here all count.
    return Object.hasOwn(headers, key) ? joined(rawHeaders, key) : null
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  get gathered(): LightHeaders {
    if (this.#gathered === undefined) {
      this.#gathered = new LightHeaders()
      const { rawHeaders } = this.#arrived
      for (let at = 0; at < rawHeaders.length; at += 2) {
        this.#gathered.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
      }
    }
    return this.#gathered
  }
}

const gathering = ['append', 'delete', 'entries', 'forEach', 'getSetCookie', 'keys', 'set', 'values', Symbol.iterator]
for (const name of gathering as readonly (keyof LightHeaders)[]) {
  Object.defineProperty(ArrivedHeaders.prototype, name, {
    value(this: ArrivedHeaders, ...given: readonly unknown[]) {
      return Reflect.apply(this.gathered[name] as (...given: readonly unknown[]) => unknown, this.gathered, given)
    },
  })
}
Object.setPrototypeOf(ArrivedHeaders.prototype, globalThis.Headers.prototype)

/** @spec Fetch §2.2.2, RFC 6265 §5.4 */
function joined(rawHeaders: readonly string[], key: string): string | null {
  const separator = key === 'cookie' ? '; ' : ', '
  let found: string | null = null
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length !== key.length || name.toLowerCase() !== key) continue
    const value = rawHeaders[at + 1] ?? ''
    found = found === null ? value : found + separator + value
  }
  return found
}
