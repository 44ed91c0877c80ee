import type { Send } from './test-https.ts'

export interface HtmlForm {
  /** Absolute. */
  readonly action: string
  readonly method: 'GET' | 'POST'
  /** Fields by name, with what stands in them. */
  readonly fields: Readonly<Record<string, { readonly type: string; readonly value: string }>>
  readonly buttons: readonly {
    readonly name: string | undefined
    readonly value: string
    readonly classes: readonly string[]
  }[]
  /** Whether the page's script would send it at once. */
  readonly sendsItself: boolean
}

/** A page as a browser without a script engine has it. */
export interface WalkedPage {
  /** Where it stands, with the fragment of the redirect that led there. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly forms: readonly HtmlForm[]
}

/** A browser that keeps cookies, follows redirects, reads forms and runs no script. */
export interface Walker {
  open(url: string, init?: RequestInit): Promise<WalkedPage>
  /** Fills a form in and presses one of its buttons. */
  press(form: HtmlForm, fields?: Readonly<Record<string, string>>, button?: string): Promise<WalkedPage>
}

export function newWalker(send: Send): Walker {
  const cookies = new Map<string, Map<string, string>>()
  async function once(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url)
    const jar = cookies.get(host) ?? new Map<string, string>()
    cookies.set(host, jar)
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await send(new Request(url.replace(/#.*$/, ''), { ...init, headers }))
    for (const cookie of response.headers.getSetCookie()) keep(jar, cookie)
    return response
  }
  async function open(url: string, init?: RequestInit): Promise<WalkedPage> {
    let address = url
    let response = await once(address, init)
    for (let step = 0; step < 10 && response.headers.has('location'); step++) {
      address = new URL(response.headers.get('location') ?? '', address).href
      response = await once(address)
    }
    const text = await response.text()
    return { url: address, status: response.status, headers: response.headers, text, forms: formsOf(text, address) }
  }
  return {
    open,
    press({ action, method, fields, buttons }, given = {}, button) {
      const pressed = buttons.find(({ value }) => button === undefined || value === button)
      if (pressed === undefined) throw new Error(`no button ${button ?? ''} in the form of ${action}`)
      const sent = new URLSearchParams(Object.entries(fields).map(([name, { value }]) => [name, given[name] ?? value]))
      if (pressed.name !== undefined) sent.set(pressed.name, pressed.value)
      if (method === 'GET') return open(`${action}?${sent}`)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return open(action, { method, headers, body: sent.toString() })
    },
  }
}

function keep(jar: Map<string, string>, header: string): void {
  const [pair = ''] = header.split(';')
  const equals = pair.indexOf('=')
  if (/;\s*max-age=0\s*(;|$)/i.test(header)) jar.delete(pair.slice(0, equals))
  else jar.set(pair.slice(0, equals), pair.slice(equals + 1))
}

function formsOf(text: string, base: string): readonly HtmlForm[] {
  return [...text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', inside = '']) => {
    const { action = '', method = 'get' } = attributesOf(head)
    const inputs = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, attributes = '']) => attributesOf(attributes))
    const named = inputs.filter(({ name }) => name !== undefined)
    const buttons = [...inside.matchAll(/<button\b([^>]*)>/g)].map(([, attributes = '']) => attributesOf(attributes))
    return {
      action: new URL(action, base).href,
      method: method.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields: Object.fromEntries(named.map(({ name = '', type = 'text', value = '' }) => [name, { type, value }])),
      buttons: buttons
        .filter(({ type = 'submit' }) => type === 'submit')
        .map(({ name, value = '', class: classes = '' }) => ({ name, value, classes: classes.split(' ') })),
      sendsItself: 'data-sends-itself' in attributesOf(head),
    }
  })
}

function attributesOf(head: string): Partial<Record<string, string>> {
  const found = head.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, decoded(value)]))
}

function decoded(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
