import type { AccessToken } from '../access-token.ts'
import type { ApiGuard } from '../api-guard.ts'
import { type IncomingRequest, nodeRequest } from '../node-request.ts'
import { type Refusal, titles } from '../refusal.ts'
import type { Requirement } from '../requirements.ts'
import { endOf, type TokenEnd } from '../token-end.ts'

/** What a WebSocket of `ws`, Fastify, Hono or another library has. */
export interface EndableSocket {
  close(code?: number, reason?: string): unknown
  /** Ends the connection without waiting for the other side. */
  terminate?(): unknown
  removeAllListeners?(event: 'message'): unknown
  once?(event: 'close', listener: () => void): unknown
}

/** The close code of a WebSocket whose token ended; its reason is `expired` or `revoked`. @spec RFC 6455 §7.4.2 */
export const tokenEndedCode = 4401
/** How long the other side has to say goodbye. */
const goodbyeSeconds = 2

/**
 * Closes a WebSocket when the token that opened it expires or is revoked; no message that comes after is heard. Call
 * `stop` when the socket closed by itself, where its library has no `close` event.
 */
export function endWebSocket(socket: EndableSocket, auth: AccessToken): TokenEnd {
  const end = endOf(auth)
  const finish = () => {
    socket.removeAllListeners?.('message')
    const cancel = end.wait(goodbyeSeconds, () => socket.terminate?.())
    socket.once?.('close', cancel)
    socket.close(tokenEndedCode, String(end.signal.reason))
  }
  if (end.signal.aborted) finish()
  else end.signal.addEventListener('abort', finish, { once: true })
  socket.once?.('close', end.stop)
  return end
}

/** The raw connection of an upgrade. */
export interface UpgradeSocket {
  end(text: string): unknown
  destroy(): unknown
  once(event: 'finish' | 'error', listener: () => void): unknown
  removeListener(event: 'error', listener: () => void): unknown
}

/**
 * Judges a request for an upgrade (`server.on('upgrade', …)`). The token when it may pass; otherwise the refusal is sent,
 * the connection ended, and the answer is null. @spec RFC 6455 §4.2.2
 */
export async function guardUpgrade(
  guard: ApiGuard,
  { request, socket }: { readonly request: IncomingRequest; readonly socket: UpgradeSocket },
  ...needed: readonly Requirement[]
): Promise<AccessToken | null> {
  // A client that goes in the midst must not end the process.
  const ignore = () => {}
  socket.once('error', ignore)
  const decision = await guard.authenticate(nodeRequest(request))
  if (decision.outcome === 'refused') return refuse(socket, decision.refusal)
  if (decision.outcome === 'anonymous') return refuse(socket, anonymous)
  for (const requirement of needed) {
    const refusal = requirement(decision.auth)
    if (refusal !== null) return refuse(socket, refusal)
  }
  socket.removeListener('error', ignore)
  return decision.auth
}

/** A stream without a token has no end that could be told. */
const anonymous: Refusal = { status: 401, headers: { 'cache-control': 'no-store' }, body: '' }

function refuse(socket: UpgradeSocket, { status, headers, body }: Refusal): null {
  const all = { ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${titles[status]}\r\n${lines.join('')}\r\n${body}`)
  return null
}
