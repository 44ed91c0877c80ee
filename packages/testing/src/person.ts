import type { Provider } from '@latchkey/provider'
import { encodeForm, type FormFields } from './test-provider.ts'

/** What a person sees after the provider's own redirects were followed. */
export interface SeenPage {
  /** Below the issuer's origin. */
  readonly path: string
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** Where the browser was sent when it left the provider, or null while it is there. */
  readonly leftTo: URL | null
}

/** A person in a browser of their own, in front of a provider in the process: keeps cookies, follows local redirects. */
export interface Person {
  readonly cookies: Map<string, string>
  /** Opens a path. */
  open(path: string): Promise<SeenPage>
  /** Sends a form with these fields and no others. */
  post(path: string, fields: FormFields): Promise<SeenPage>
  /** Sends the page's form number `index` with its hidden fields and these. */
  submit(page: SeenPage, fields: FormFields, index?: number): Promise<SeenPage>
}

/** A new browser without cookies. */
export function newPerson(provider: Pick<Provider, 'fetch' | 'issuer'>): Person {
  const cookies = new Map<string, string>()
  const origin = new URL(provider.issuer).origin

  async function go(path: string, init: RequestInit = {}): Promise<SeenPage> {
    const response = await provider.fetch(
      new Request(origin + path, { ...init, headers: { ...init.headers, ...cookieHeader(cookies) } }),
    )
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie)
    const location = response.headers.get('location')
    if (location !== null) {
      const target = new URL(location, origin + path)
      if (target.origin === origin) return go(target.pathname + target.search)
      return { path, status: response.status, text: '', headers: response.headers, leftTo: target }
    }
    return { path, status: response.status, text: await response.text(), headers: response.headers, leftTo: null }
  }

  const post: Person['post'] = (path, fields) =>
    go(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: encodeForm(fields).toString(),
    })

  return {
    cookies,
    open: (path) => go(path),
    post,
    submit(page, fields, index = 0) {
      const form = [...page.text.matchAll(/<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gs)][index]
      if (form === undefined) throw new Error(`there is no form ${index} on the page:\n${page.text}`)
      const [, action = '', inside = ''] = form
      const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      const given = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, decodeEntities(value)]))
      return post(decodeEntities(action), { ...given, ...fields })
    },
  }
}

function cookieHeader(cookies: ReadonlyMap<string, string>): Record<string, string> {
  return cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
}

function keep(cookies: Map<string, string>, header: string): void {
  const [pair = ''] = header.split(';')
  const equals = pair.indexOf('=')
  if (/; max-age=0(;|$)/i.test(header)) cookies.delete(pair.slice(0, equals))
  else cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
}

function decodeEntities(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
