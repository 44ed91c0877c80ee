import { ProtocolError, type Runtime } from '@latchkey/protocol'

/**
 * A token never travels along a redirect. Browsers before 2023 carried `Authorization` on to another origin, and a page
 * cannot see a redirect's target before following it; so a request with a token does not follow one unless the
 * caller says `redirect: 'follow'`.
 * @spec RFC 9700 §4.11; Fetch §4.4
 */
export function refuseRedirects(send: Runtime['fetch'], init: RequestInit | undefined): Runtime['fetch'] {
  return async (input, sent) => {
    const request = input instanceof Request ? input : new Request(input, sent)
    if (init?.redirect === 'follow' || request.redirect !== 'follow' || !request.headers.has('authorization')) {
      return send(input, sent)
    }
    const response = await send(new Request(request, { redirect: 'manual' }))
    if (response.type !== 'opaqueredirect' && !isRedirect(response)) return response
    throw new ProtocolError(
      'response_invalid',
      `${request.method} ${originAndPath(request.url)} was redirected, and a token does not follow: call the final address, ` +
        "or pass redirect: 'follow' where every target may be reached without the token",
    )
  }
}

function isRedirect({ status }: Response): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** A query may carry what no message should. */
function originAndPath(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
