import type { IncomingMessage } from 'node:http'

const plainHost = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/
/** Nothing that a URL parser would write otherwise: no dot segments, no `\`, `"`, `<`, `>`, `^`, `` ` ``, `{`, `|`, `}`. */
const plainTarget = /^\/[A-Za-z0-9\-_~!$&'()*+,;=:@%/?.[\]]*$/
const dotSegment = /\/(?:\.|%2e)/i

/**
 * The address that was asked for, or null when the request names none that can be. A URL is built only for an address
 * that a parser would write otherwise. @spec RFC 9112 §3.2, §3.3
 */
export function requestUrl({ url: target = '', headers, socket }: IncomingMessage): string | null {
  const { host = '' } = headers
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  if (target.charCodeAt(0) === slash && plainTarget.test(target) && !dotSegment.test(target) && plainHost.test(host)) {
    return `${scheme}://${host}${target}`
  }
  const isAbsolute = /^https?:\/\//i.test(target)
  if (!isAbsolute && (target.charCodeAt(0) !== slash || !isHost(host))) return null
  // A parser takes `\` for `/`: a path would be read as another than the one a proxy in front of us has judged.
  if (/^[^?#]*\\/.test(target)) return null
  return URL.canParse(target, `${scheme}://${host || 'localhost'}`)
    ? parsed(isAbsolute, { scheme, host, target })
    : null
}

const slash = 0x2f

function parsed(
  isAbsolute: boolean,
  { scheme, host, target }: { scheme: string; host: string; target: string },
): string {
  return new URL(isAbsolute ? target : `${scheme}://${host}${target}`).href
}

/** A host alone: nothing in it ends the host's part of an address. @spec RFC 9110 §7.2 */
function isHost(host: string): boolean {
  return host !== '' && !/[\s/\\?#@]/.test(host) && URL.canParse(`http://${host}`)
}
