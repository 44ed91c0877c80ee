import type { ServerResponse } from 'node:http'

/** Writes an answer of our own making. */
export async function answerWith(outgoing: ServerResponse, answer: Response): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer())
  if (outgoing.destroyed || outgoing.headersSent) return
  const headers = [...answer.headers].flat()
  headers.push('content-length', String(body.length))
  outgoing.writeHead(answer.status, headers).end(body)
}
