import { Agent, type ClientRequest, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Connections to the APIs behind the proxy, kept open between requests. */
export interface Connections {
  /** A request without its body; `fresh` keeps it off connections that have been used before. */
  request(outgoing: OutgoingRequest): ClientRequest
}

export interface OutgoingRequest {
  readonly method: string
  /** Such as "https://api.example.com". */
  readonly origin: string
  /** Path and query, as they go on the wire. */
  readonly path: string
  /** Names and values by turns, `host` among them. */
  readonly headers: readonly string[]
  readonly fresh?: boolean
}

/** Calls that wait for each other beyond this many to one origin; streams and upgrades have connections of their own. */
const mostConnections = 1024
const mostIdleConnections = 256
/** What an API may say before its body, in bytes. */
const longestHead = 65_536

interface Way {
  readonly send: typeof httpRequest
  readonly hostname: string
  readonly port: string | null
  readonly agent: Agent
}

export function createConnections(): Connections {
  const ways = new Map<string, Way>()
  const limits = {
    keepAlive: true,
    maxSockets: mostConnections,
    maxFreeSockets: mostIdleConnections,
    scheduling: 'lifo',
  } as const

  function wayTo(origin: string): Way {
    const { protocol, hostname, port } = new URL(origin)
    const isTls = protocol === 'https:'
    const way = {
      send: isTls ? httpsRequest : httpRequest,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? null : port,
      agent: isTls ? new HttpsAgent(limits) : new Agent(limits),
    }
    ways.set(origin, way)
    return way
  }
  return {
    request({ method, origin, path, headers, fresh = false }) {
      const { send, hostname, port, agent } = ways.get(origin) ?? wayTo(origin)
      return send({
        method,
        hostname,
        port,
        path,
        headers,
        agent: fresh ? false : agent,
        setDefaultHeaders: false,
        maxHeaderSize: longestHead,
      })
    },
  }
}
