/** Where in a stream of WebSocket frames we are; between two of them a word of our own may be said. @spec RFC 6455 §5.2 */
export interface FrameCounter {
  see(chunk: Uint8Array): void
  isBetweenFrames(): boolean
}

export function createFrameCounter(): FrameCounter {
  let head: number[] = []
  let payloadLeft = 0
  return {
    see(chunk) {
      for (let index = 0; index < chunk.length; ) {
        if (payloadLeft > 0) {
          const taken = Math.min(payloadLeft, chunk.length - index)
          payloadLeft -= taken
          index += taken
          continue
        }
        head.push(chunk[index++] ?? 0)
        if (head.length < headLength(head)) continue
        payloadLeft = payloadLength(head)
        head = []
      }
    },
    isBetweenFrames: () => payloadLeft === 0 && head.length === 0,
  }
}

/** The close frame of a server: "the session has ended". @spec RFC 6455 §5.5.1, §7.4.1 */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason)
  return Buffer.concat([Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]), text])
}

function headLength([, second]: readonly number[]): number {
  if (second === undefined) return 2
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

function payloadLength([, second = 0, ...rest]: readonly number[]): number {
  const length = second & 0x7f
  if (length < 126) return length
  return rest.slice(0, length === 126 ? 2 : 8).reduce((sum, byte) => sum * 256 + byte, 0)
}
