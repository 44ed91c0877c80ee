/** What someone does on a page that a navigation ended on: a form to send, or null to leave it standing. */
export type Person = (url: string, html: string) => Request | null

export interface Navigation {
  /** Cookies of the site that is navigated to. */
  readonly cookies: Map<string, string>
  /** Follows redirects and the person's forms until a page stands or the address is on `origin`. */
  follow(url: string, origin: string, person?: Person): Promise<string>
}

const mostSteps = 12
/** What a browser shows where it cannot get a page. */
const noConnection = new Response(null)

/** Navigations outside the app: what a browser does between leaving for the provider and coming back. */
export function createNavigation(network: (request: Request) => Promise<Response>): Navigation {
  const cookies = new Map<string, string>()

  async function send(request: Request): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers(request.headers)
    if (cookie !== '') headers.set('cookie', cookie)
    headers.set('accept', 'text/html')
    const response = await network(new Request(request, { headers, redirect: 'manual' }))
    for (const header of response.headers.getSetCookie()) keep(header)
    return response
  }

  function keep(header: string): void {
    const [pair = ''] = header.split(';', 1)
    const equals = pair.indexOf('=')
    if (/;\s*max-age=0/i.test(header)) cookies.delete(pair.slice(0, equals))
    else cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
  }

  return {
    cookies,
    async follow(url, origin, person) {
      let next = new Request(url)
      for (let step = 0; step < mostSteps && new URL(next.url).origin !== origin; step++) {
        const response = await send(next).catch(() => noConnection)
        const target = response.headers.get('location')
        const form = target === null ? (person?.(next.url, await response.text()) ?? null) : null
        if (target === null && form === null) return next.url
        // A fragment-free copy: a Request keeps the address, which is all that a redirect hands on.
        next = form ?? new Request(new URL(target ?? '', next.url))
      }
      return next.url
    },
  }
}
