import type { Runtime } from '@latchkey/protocol'

type Source = Pick<Runtime, 'randomBytes'>

interface Drawn {
  readonly text: string
  used: number
}

const bytesAtOnce = 3072
const drawn = new WeakMap<Source, Drawn>()

/**
 * Signs of base64url, each with six random bits and given out once. Some thousand are drawn at a time: for a single handle
 * the drawing takes as long as all else that is done with it.
 */
export function randomText(source: Source, length: number): string {
  let from = drawn.get(source)
  if (from === undefined || from.used + length > from.text.length) {
    from = { text: Buffer.from(source.randomBytes(bytesAtOnce)).toString('base64url'), used: 0 }
    drawn.set(source, from)
  }
  from.used += length
  return from.text.slice(from.used - length, from.used)
}
