import { request as httpsRequest } from 'node:https'

/** A key and its certificate, in PEM. */
export interface Pair {
  readonly key: string
  readonly cert: string
}

export type Send = (request: Request) => Promise<Response>

/**
 * Sends over real TLS on a connection of its own, showing this certificate or none. The server's own certificate is one
 * of tests: it is not judged.
 */
export function httpsSend(certificate: Pair | null = null): Send {
  return async (asked) => {
    const body = Buffer.from(await asked.arrayBuffer())
    const headers = { ...Object.fromEntries(asked.headers), 'content-length': String(body.length) }
    const { method } = asked
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(
        asked.url,
        { method, headers, agent: false, rejectUnauthorized: false, ...certificate },
        async (answer) => {
          const chunks: Buffer[] = []
          for await (const chunk of answer) chunks.push(chunk as Buffer)
          const { statusCode: status = 0 } = answer
          const told = new Headers()
          for (let at = 0; at < answer.rawHeaders.length; at += 2)
            told.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '')
          const hasBody = status !== 204 && status !== 304
          resolve(new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers: told }))
        },
      )
      sent.once('error', reject).end(body)
    })
  }
}
