import type { IncomingMessage } from 'node:http'
import { webSocketAccept } from '../crypto.ts'
import { problem } from '../http/problem.ts'
import type { HeaderList } from '../proxy/headers.ts'

/** 16 bytes in base64. @spec RFC 6455 §4.1 */
const keyPattern = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const version = '13'

/** The refusal of an upgrade that is no proper WebSocket handshake, or null. @spec RFC 6455 §4.2.1 */
export function handshakeRefusal({ method, httpVersion, headers }: IncomingMessage): Response | null {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refused('only WebSocket is passed on as an upgrade')
  if (method !== 'GET' || httpVersion !== '1.1') return refused('a WebSocket begins with GET of HTTP/1.1')
  if (!keyPattern.test(headers['sec-websocket-key'] ?? '')) return refused('Sec-WebSocket-Key must be 16 bytes, once')
  if (headers['sec-websocket-version'] === version) return null
  // @spec RFC 6455 §4.4
  const answer = refused('only version 13 of WebSocket is passed on', 426)
  answer.headers.set('sec-websocket-version', version)
  return answer
}

/** What the handshake says to the API, beside the headers of the passage. @spec RFC 6455 §4.1 */
export function handshakeHeaders({ headers }: IncomingMessage): string[] {
  const out = ['connection', 'Upgrade', 'upgrade', 'websocket', 'sec-websocket-version', version]
  for (const name of ['sec-websocket-key', 'sec-websocket-protocol', 'sec-websocket-extensions'] as const) {
    const value = headers[name]
    if (value !== undefined) out.push(name, value)
  }
  return out
}

/**
 * What the API's agreement says to the browser; null when it is no agreement to this very handshake, because then what
 * follows is no WebSocket either. @spec RFC 6455 §4.2.2
 */
export function agreement(asked: IncomingMessage, answer: IncomingMessage): HeaderList | null {
  const { headers } = answer
  const accept = webSocketAccept(asked.headers['sec-websocket-key'] ?? '')
  const { 'sec-websocket-protocol': protocol, 'sec-websocket-extensions': extensions } = headers
  if (answer.statusCode !== 101 || headers.upgrade?.toLowerCase() !== 'websocket') return null
  if (headers['sec-websocket-accept'] !== accept) return null
  const offered = (asked.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (protocol !== undefined && !offered.includes(protocol)) return null
  if (extensions !== undefined && asked.headers['sec-websocket-extensions'] === undefined) return null
  return [
    ...['connection', 'Upgrade', 'upgrade', 'websocket', 'sec-websocket-accept', accept],
    ...(protocol === undefined ? [] : ['sec-websocket-protocol', protocol]),
    ...(extensions === undefined ? [] : ['sec-websocket-extensions', extensions]),
  ]
}

function refused(detail: string, status = 400): Response {
  return problem({ status, code: 'handshake_refused', detail })
}
