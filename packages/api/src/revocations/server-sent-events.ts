/** One event of a stream. @spec HTML Living Standard §9.2 */
export interface ServerSentEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

const longestEvent = 64 * 1024

/** The events of a response's body as they come. Ends when the body does; throws when it breaks off or grows out of bounds. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const event = readEvent(rest.slice(0, end))
      rest = rest.slice(end + 2)
      if (event !== null) yield event
    }
    if (rest.length > longestEvent) throw new Error(`an event of the stream is longer than ${longestEvent} characters`)
  }
}

function readEvent(block: string): ServerSentEvent | null {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'id') id = value
    else if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  return data.length === 0 && id === undefined && event === 'message' ? null : { id, event, data: data.join('\n') }
}
