import { IncomingMessage } from 'node:http'

interface Gathering {
  readonly resolve: (text: string) => void
  readonly reject: (error: Error) => void
}

/**
 * A request whose body can be taken as text while it arrives: gathered as the parser hands it over, it takes none of the
 * steps of a stream, which cost more than reading a form does. Whoever asks for a stream gets one as ever.
 */
export class ArrivingMessage extends IncomingMessage {
  #gathering: Gathering | null = null
  #first: Buffer | null = null
  #more: Buffer[] | null = null

  /** Rejects when the client goes away in its midst; null when some of it has gone into the stream already. */
  gather(): Promise<string> | null {
    if (this.readableLength > 0 || this.complete || this.readableDidRead) return null
    // Says that somebody takes the body: nobody else is to throw it away.
    this.read(0)
    return new Promise((resolve, reject) => {
      this.#gathering = { resolve, reject }
    })
  }

  /** What the parser hands over; null is the end. */
  override push(part: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#gathering === null) return super.push(part, encoding)
    if (part === null) this.#gathering.resolve(this.#text())
    else if (this.#first === null) this.#first = part
    else if (this.#more === null) this.#more = [part]
    else this.#more.push(part)
    return true
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.complete) this.#gathering?.reject(error ?? closedEarly())
    super._destroy(error, done)
  }

  get isGathered(): boolean {
    return this.#gathering !== null && this.complete
  }

  #text(): string {
    if (this.#first === null) return ''
    return (this.#more === null ? this.#first : Buffer.concat([this.#first, ...this.#more])).toString()
  }
}

export function closedEarly(): Error {
  return new Error('the connection was closed before the whole request was here')
}

/** To Node, a body that was gathered is one that was read to its end. */
Object.defineProperty(ArrivingMessage.prototype, 'readableEnded', {
  get(this: ArrivingMessage): boolean {
    return this.isGathered || Reflect.get(IncomingMessage.prototype, 'readableEnded', this)
  },
})
