import type { Runtime } from '@latchkey/protocol'

const idBytes = 12
const drawnAtOnce = 64
const idLength = (idBytes * 4) / 3

/** Makes ids of requests: unique, and of no use to whoever guesses one. Many are drawn at a time. */
export function createRequestIds({ randomBytes }: Pick<Runtime, 'randomBytes'>): () => string {
  let drawn = ''
  let used = 0
  return () => {
    if (used === drawn.length) {
      drawn = Buffer.from(randomBytes(idBytes * drawnAtOnce)).toString('base64url')
      used = 0
    }
    used += idLength
    return drawn.slice(used - idLength, used)
  }
}
