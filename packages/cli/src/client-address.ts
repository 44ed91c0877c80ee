import { isIP } from 'node:net'
import { isPublicAddress } from '@latchkey/provider'
import { LightRequest } from './carrier/light-request.ts'
import type { WrongSecretSettings } from './config/wrong-secret-settings.ts'

/**
 * Tells the address that a request comes from: what the last proxy but so many wrote into its header, or else the one of
 * the connection. One that is not public is most likely a proxy's, and says nothing of who is behind it.
 */
export function createClientAddress({
  addressHeader,
  proxies,
}: WrongSecretSettings): (request: Request) => string | null {
  if (addressHeader === null) return (request) => ofConnection(request)
  return (request) => {
    const listed = request.headers.get(addressHeader)?.split(',') ?? []
    return readAddress(listed.at(-proxies) ?? '')
  }
}

function ofConnection(request: Request): string | null {
  const address = request instanceof LightRequest ? (request as LightRequest).peerAddress : undefined
  const plain = address?.replace(/^::ffff:(?=\d+\.)/, '')
  return plain !== undefined && isPublicAddress(plain) ? plain : null
}

/** Some proxies write a port after it. */
function readAddress(text: string): string | null {
  const trimmed = text.trim()
  const plain = trimmed.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[([^\]]+)\](?::\d+)?$/, '$1')
  return isIP(plain) === 0 ? null : plain
}
