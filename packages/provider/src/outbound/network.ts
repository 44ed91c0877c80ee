import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Resolves a name to every address it has. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)))
  })

export function createAddressList(blocks: readonly string[]): { has(address: string): boolean } {
  const list = new BlockList()
  const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')
  for (const block of blocks) {
    const [network = '', bits] = block.split('/')
    list.addSubnet(network, Number(bits), familyOf(network))
  }
  return { has: (address) => list.check(address, familyOf(address)) }
}

/** Whether a URL's host is an address written out: then nobody resolves it, and it has to be judged as it stands. */
export function addressOfHost(hostname: string): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) === 0 ? null : bare
}

export interface Sending {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly resolve: Resolve
  /** Judges every address a name resolves to, right before connecting: a name that changes cannot slip through. */
  readonly admit: (addresses: readonly string[]) => void
  /** Ends the request, wherever it stands. */
  readonly signal: AbortSignal
}

/** Sends one request over a connection of its own and resolves with the head of the answer; follows nothing. */
export function openConnection(url: URL, sending: Sending): Promise<IncomingMessage> {
  const { method, headers, body, signal } = sending
  const lookup = guardedLookup(sending)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, lookup, signal, agent: false }, resolve)
    request.once('error', reject)
    request.end(body)
  })
}

function guardedLookup({ resolve, admit }: Sending): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        try {
          admit(found.map(({ address }) => address))
        } catch (error) {
          return callback(error as Error, '')
        }
        const [first] = found
        if (options.all) callback(null, [...found])
        else if (first !== undefined) callback(null, first.address, first.family)
      },
      (error: Error) => callback(error as NodeJS.ErrnoException, ''),
    )
  }
}
