import type { AccessToken } from '../access-token.ts'
import { type OutgoingResponse, sendRefusal, setHeaders } from '../node-request.ts'
import { refuseUnguarded } from '../requirements.ts'
import { type EventSource, eventStreamHeaders, eventStreamText } from './event-stream.ts'

/** What `node:http` responses have in every framework on top of it. */
export interface StreamedResponse extends OutgoingResponse {
  readonly destroyed: boolean
  flushHeaders(): void
  write(text: string): boolean
  once(event: 'close' | 'drain', listener: () => void): unknown
  destroy(): unknown
}

/** Sends server-sent events until the source has no more, the client goes, or the token ends; resolves then. */
export async function sendEventsTo(
  response: StreamedResponse,
  auth: AccessToken | undefined,
  source: EventSource,
): Promise<void> {
  if (auth === undefined) return void sendRefusal(response, refuseUnguarded('sendEvents'))
  const gone = new AbortController()
  /** One listener for the life of the stream, not one for each time that its reader was slow. */
  let wake = (): void => {}
  response.once('close', () => {
    gone.abort()
    wake()
  })
  if (response.destroyed) gone.abort()
  response.statusCode = 200
  setHeaders(response, eventStreamHeaders)
  response.flushHeaders()
  try {
    for await (const text of eventStreamText(auth, source, gone.signal)) {
      if (response.write(text) || gone.signal.aborted) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        response.once('drain', resolve)
      })
    }
    response.end()
  } catch (error) {
    // The headers are out: a stream that breaks off is all that can still be said.
    response.destroy()
    throw error
  }
}
