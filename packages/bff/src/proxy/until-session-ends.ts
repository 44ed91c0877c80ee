import type { Passage } from './passage.ts'

/** A stream without an end of its own, such as server-sent events: it ends with the session, on whichever node that ends. */
export function untilSessionEnds(passage: Passage, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let stop = () => {}
  let ended = false
  return new ReadableStream({
    start(controller) {
      stop = passage.untilSessionEnds(() => {
        if (ended) return
        ended = true
        controller.close()
        reader.cancel().catch(() => undefined)
      })
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (ended) return
        if (!done) return controller.enqueue(value)
        ended = true
        stop()
        controller.close()
      } catch (error) {
        if (ended) return
        ended = true
        stop()
        controller.error(error)
      }
    },
    async cancel(reason) {
      ended = true
      stop()
      await reader.cancel(reason)
    },
  })
}
