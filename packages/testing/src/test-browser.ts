/** One answer as a browser got it, with everything a script or a person could read in it. */
export interface SeenAnswer {
  readonly url: string
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** A browser without a screen: it keeps cookies, follows redirects and refreshing pages when it navigates, and forgets nothing it was sent. */
export interface TestBrowser {
  /** Cookies by name. As in real browsers, ports of one host share them. */
  readonly cookies: ReadonlyMap<string, string>
  /** Every answer so far, oldest first, redirects included. */
  readonly seen: readonly SeenAnswer[]
  /** One request with the cookies, redirects left alone. */
  fetch(url: string, init?: RequestInit): Promise<Response>
  /** Opens an address and follows where it leads, at most ten steps; `stopAt` ends it before that address is opened. */
  open(url: string, options?: { init?: RequestInit; stopAt?: (url: string) => boolean }): Promise<Opened>
}

export interface Opened {
  /** The last address, or the one at which it stopped. */
  readonly url: string
  readonly response: Response
}

export function createTestBrowser(): TestBrowser {
  const cookies = new Map<string, string>()
  const seen: SeenAnswer[] = []

  async function send(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) keepCookie(cookies, cookie)
    const body = await response.text()
    seen.push({ url, status: response.status, headers: [...response.headers], body })
    const empty = [101, 204, 205, 304].includes(response.status)
    return new Response(empty ? null : body, { status: response.status, headers: response.headers })
  }
  return {
    cookies,
    seen,
    fetch: send,
    async open(url, { init, stopAt } = {}) {
      let address = url
      let response = await send(address, init)
      for (let step = 0; step < 10; step++) {
        const next = nextAddress(response, seen.at(-1)?.body ?? '')
        if (next === null) break
        address = new URL(next, address).href
        if (stopAt?.(address) === true) break
        response = await send(address)
      }
      return { url: address, response }
    },
  }
}

/** Where a redirect, or a page that refreshes itself at once, leads. */
function nextAddress({ status, headers }: Response, body: string): string | null {
  if (status >= 300 && status < 400) return headers.get('location')
  const refresh = /<meta http-equiv="refresh" content="0;url=([^"]+)">/.exec(body)
  return refresh?.[1]?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))) ?? null
}

function keepCookie(cookies: Map<string, string>, header: string): void {
  const [pair = '', ...attributes] = header.split(';')
  const name = pair.slice(0, pair.indexOf('=')).trim()
  if (attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute))) cookies.delete(name)
  else cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim())
}
