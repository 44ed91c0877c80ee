import type { IncomingMessage } from 'node:http'
import type { ArrivedRequest } from '../http/request.ts'

/** Requests whose sender waits for leave to send the body. @spec RFC 9110 §10.1.1 */
export const awaitingContinue = new WeakSet<IncomingMessage>()

/** Express cuts the path where a router is mounted and keeps the whole. */
export function targetOf(request: object & { url?: string | undefined; originalUrl?: string }): string {
  return request.originalUrl ?? request.url ?? '/'
}

/** A request of Node's server as the core reads it. */
export function arrivedOf(request: IncomingMessage): ArrivedRequest {
  const { method = 'GET', headers, socket } = request
  return { method, headers, target: targetOf(request), remoteAddress: socket.remoteAddress }
}

/** Whether two hosts are named, or none: whoever reads on could take either. @spec RFC 9112 §3.2 */
export function namesHostTwice({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}
