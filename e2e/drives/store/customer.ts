import { newPerson, type Person, type SeenPage } from '@latchkey/testing'
import { alice, redirectUri, secret } from './house.ts'

/** The connection broke, or the server said that it cannot for now: what became of the request nobody knows. */
export class Unknown extends Error {}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export type Post = (path: string, client: string, form: Record<string, string>) => Promise<Answer>

/** What a client of the provider can do over HTTP. @throws Unknown */
export function customerOf(issuer: string, onUnknown: () => void) {
  async function send(input: string | Request, init?: RequestInit): Promise<Response> {
    try {
      const response = await fetch(input, { redirect: 'manual', ...init })
      const text = await response.text()
      if (response.status < 500) {
        const { status, headers } = response
        return new Response(status === 204 || status === 304 ? null : text, { status, headers })
      }
      if (response.status !== 502 && response.status !== 503) throw new Error(`${response.status}: ${text}`)
    } catch (error) {
      if (error instanceof Error && /^5\d\d: /.test(error.message)) throw error
    }
    onUnknown()
    throw new Unknown()
  }
  const post: Post = async (path, client, form) => {
    const authorization = `Basic ${btoa(`${client}:${secret}`)}`
    const body = new URLSearchParams(form)
    const response = await send(`${issuer}${path}`, { method: 'POST', headers: { authorization }, body })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
  }
  return { post, person: () => newPerson({ issuer, fetch: (request: Request) => send(request) }) }
}

export function authorizePath(client: string, scope = 'openid offline_access'): string {
  const query = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state: 's',
  })
  return `/authorize?${query}`
}

/** Signs Alice in, where she is asked to. */
export async function signIn(person: Person): Promise<void> {
  const page = await person.open(authorizePath('web-0'))
  const next = page.leftTo === null && page.text.includes('type="password"') ? await person.submit(page, alice) : page
  if (next.leftTo === null) await person.submit(next, { decision: 'allow' })
}

/** A code, when the person is not asked anything. */
export async function codeFor(person: Person, client: string): Promise<string> {
  return codeOf(await person.open(authorizePath(client)), client)
}

/** A refusal for the moment comes to a client by its redirect URI. @throws Unknown */
function codeOf({ leftTo, status, text }: SeenPage, client: string): string {
  const answer = leftTo?.searchParams
  if (answer?.get('error') === 'temporarily_unavailable') throw new Unknown()
  const code = answer?.get('code') ?? null
  if (code === null) throw new Error(`no code for ${client}: ${status} ${leftTo?.search ?? text}`)
  return code
}

/** Asks and allows; resolves with the code when the provider has answered. */
export async function consent(person: Person, client: string): Promise<string> {
  const page = await person.open(authorizePath(client))
  return codeOf(page.leftTo === null ? await person.submit(page, { decision: 'allow' }) : page, client)
}

/** Takes a client's access back on the person's own page; resolves when that says that it is gone. @throws Unknown */
export async function withdraw(person: Person, client: string): Promise<void> {
  const question = await person.open(`/account/withdraw?client_id=${client}`)
  const { text } = question.path === '/account' ? question : await person.submit(question, {})
  if (/has no access|<h1>Your account/.test(text)) return
  throw new Error(`withdrawing the access of ${client} was answered with ${text}`)
}
