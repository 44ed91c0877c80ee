import type { Provider } from '@latchkey/provider'

/** A page as the browser holds it. */
export interface Page {
  readonly status: number
  readonly url: string
  readonly text: string
  readonly headers: Headers
}

/** A browser without JavaScript in the process: cookies, redirects, forms. */
export interface TestBrowser {
  open(path: string): Promise<Page>
  /** Fills in the page's last form and sends it; undefined empties a field or unticks a box. */
  submit(page: Page, fields?: Fields, button?: { name: string; value: string }): Promise<Page>
  /** One request as it is, with the cookies and without following. */
  send(path: string, init?: RequestInit): Promise<Response>
}

type Fields = Readonly<Record<string, string | undefined>>

export function testBrowser(provider: Pick<Provider, 'issuer' | 'fetch'>): TestBrowser {
  const cookies = new Map<string, string>()
  const { origin } = new URL(provider.issuer)

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('accept', 'text/html')
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await provider.fetch(new Request(new URL(path, origin), { ...init, headers }))
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/Max-Age=0/.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  async function follow(path: string, first: Response): Promise<Page> {
    const location = first.headers.get('location')
    const url = new URL(path, origin).href
    if (location !== null) return open(new URL(location, url).href)
    return { status: first.status, url, text: await first.text(), headers: first.headers }
  }

  async function open(path: string): Promise<Page> {
    return follow(path, await send(path))
  }

  return {
    send,
    open,
    async submit(page, fields = {}, button) {
      const form = readLastForm(page.text)
      const body = new URLSearchParams(form.fields)
      for (const [name, value] of Object.entries(fields)) {
        if (value === undefined) body.delete(name)
        else body.set(name, value)
      }
      if (button !== undefined) body.set(button.name, button.value)
      const action = form.action ?? page.url
      return follow(action, await send(action, { method: 'POST', headers: { origin }, body }))
    },
  }
}

function readLastForm(text: string): { action: string | undefined; fields: Record<string, string> } {
  const form = [...text.matchAll(/<form\b([^>]*method="post"[^>]*)>([\s\S]*?)<\/form>/g)].at(-1)
  if (form === undefined) throw new Error(`there is no form on this page: ${text}`)
  const fields: Record<string, string> = {}
  for (const [, inner = ''] of (form[2] ?? '').matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(inner, 'name')
    const isBox = /type="(checkbox|radio)"/.test(inner)
    if (name !== undefined && (!isBox || /\schecked\b/.test(inner)))
      fields[name] = attribute(inner, 'value') ?? (isBox ? 'on' : '')
  }
  for (const [, inner = '', value = ''] of (form[2] ?? '').matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    fields[attribute(inner, 'name') ?? ''] = unescaped(value)
  }
  return { action: attribute(form[1] ?? '', 'action'), fields }
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(` ${text}`)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_whole, name: string) => characters[name] ?? '')
}

/** A browser in which this person is signed in at the admin site's door. */
export async function signedIn(provider: Pick<Provider, 'issuer' | 'fetch'>, username: string): Promise<TestBrowser> {
  const browser = testBrowser(provider)
  const page = await browser.open(`${new URL(provider.issuer).pathname.replace(/\/$/, '')}/admin`)
  const body = new URLSearchParams({ username })
  const response = await browser.send(`${new URL(page.url).pathname}/sign-in`, { method: 'POST', body })
  if (response.status !== 303) throw new Error(`${username} could not sign in: ${response.status}`)
  return browser
}
