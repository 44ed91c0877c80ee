import { isLoopbackHost, type Runtime } from '@latchkey/protocol'
import { addressOfHost, openConnection, type Resolve, type Sending, systemResolve } from './network.ts'
import { type Outbound, OutboundError, type OutboundRequest, type OutboundResponse } from './outbound.ts'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'

interface OutboundOptions {
  /** On loopback itself, a provider may reach loopback; where it speaks http there, http too. */
  readonly issuer: string
  readonly runtime: Pick<Runtime, 'schedule'>
  /** Host names inside one's own network that clients may name all the same. */
  readonly privateHosts?: readonly string[]
  readonly resolve?: Resolve
}

const defaultMaxBytes = 65_536
const defaultTimeoutSeconds = 5

/** Sends over https to public addresses alone: no redirects, no reused connection, limits on time and size. */
export function createOutbound(options: OutboundOptions): Outbound {
  const { resolve = systemResolve } = options
  return {
    async send(url, request = {}) {
      const target = checkedUrl(url, options)
      const host = target.hostname
      const admit: Sending['admit'] = (addresses) => {
        if (addresses.length === 0) throw new OutboundError('unreachable', `${host} has no address`)
        if (!addresses.every((address) => mayConnect(host, address, options))) throw forbidden(host)
      }
      const written = addressOfHost(host)
      if (written !== null) admit([written])
      const { timeoutSeconds = defaultTimeoutSeconds } = request
      const abort = new AbortController()
      const cancel = options.runtime.schedule(timeoutSeconds, () => abort.abort())
      try {
        const { method = 'GET', headers = {}, body } = request
        const sending = { method, headers: withLength(headers, body), body, resolve, admit, signal: abort.signal }
        return await readAnswer(target, request, sending)
      } catch (error) {
        if (error instanceof OutboundError) throw error
        if (abort.signal.aborted)
          throw new OutboundError('too-slow', `${host} did not answer within ${timeoutSeconds} s`)
        throw new OutboundError('unreachable', `${host} cannot be reached: ${codeOf(error)}`, { cause: error })
      } finally {
        cancel()
        abort.abort()
      }
    },
  }
}

/** @throws OutboundError `forbidden-address` */
function checkedUrl(text: string, { issuer }: OutboundOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw new OutboundError('forbidden-address', 'the address is no URL')
  const httpHere = issuer.startsWith('http:') && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && httpHere)) {
    throw new OutboundError('forbidden-address', `${url.hostname} must be reached over https`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('forbidden-address', `the URL of ${url.hostname} has a user name in it`)
  }
  return url
}

function mayConnect(host: string, address: string, { issuer, privateHosts = [] }: OutboundOptions): boolean {
  if (isPublicAddress(address) || privateHosts.includes(host)) return true
  const onLoopback = isLoopbackHost(new URL(issuer).hostname)
  return onLoopback && isLoopbackHost(host) && isLoopbackAddress(address)
}

/** What a name resolves to is not told: it would map the network behind us. */
function forbidden(host: string): OutboundError {
  return new OutboundError('forbidden-address', `${host} is not an address on the internet`)
}

function withLength(headers: Readonly<Record<string, string>>, body: string | undefined): Record<string, string> {
  const length: Record<string, string> =
    body === undefined ? {} : { 'content-length': String(new TextEncoder().encode(body).length) }
  return { ...headers, ...length }
}

async function readAnswer(target: URL, request: OutboundRequest, sending: Sending): Promise<OutboundResponse> {
  const answer = await openConnection(target, sending)
  const { statusCode: status = 0 } = answer
  const host = target.hostname
  if (status >= 300 && status < 400) throw new OutboundError('redirect', `${host} answered with a redirect`)
  const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (status === 200 && request.contentTypes?.includes(type) === false) {
    const wanted = request.contentTypes.join(' or ')
    throw new OutboundError('wrong-content-type', `${host} did not answer with the content type ${wanted}`)
  }
  const { maxBytes = defaultMaxBytes } = request
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > maxBytes) throw new OutboundError('too-large', `${host} answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = [value].flat().join(', ')
  }
  return { status, headers, body: Buffer.concat(chunks).toString() }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no connection'
}
