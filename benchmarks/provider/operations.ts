/** What one request of each kind is. Every request carries the headers that clients send. */
import { createHash } from 'node:crypto'
import { type Answer, type Connection, header, headers } from './load.ts'
import { api, machine, type Prepared, redirectUri, type Served, web } from './served.ts'

/** One of the parallel chains of requests: a connection, and the refresh token that its last answer brought. */
export interface Chain {
  readonly connection: Connection
  refreshToken: string
}

export interface Target {
  readonly served: Served
  readonly accessToken: Prepared['accessToken']
}

type Operation = (target: Target, chain: Chain) => Promise<unknown>

interface Outgoing {
  readonly method?: 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

const usual = 'user-agent: benchmark/1.0\r\naccept: application/json\r\naccept-encoding: gzip, deflate\r\n'

function written(port: number, { method, path, headers: more = {}, form }: Outgoing): string {
  const lines = Object.entries(more).map(([name, value]) => `${name}: ${value}\r\n`)
  const start = `${method ?? 'GET'} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\n${usual}`
  if (form === undefined) return `${start}${lines.join('')}\r\n`
  const body = new URLSearchParams(form).toString()
  const type = 'content-type: application/x-www-form-urlencoded'
  return `${start}${lines.join('')}${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

async function send({ served: { port } }: Target, { connection }: Chain, outgoing: Outgoing): Promise<Answer> {
  const answer = await connection.send(written(port, outgoing))
  if (answer.status >= 400) throw new Error(`${outgoing.path}: ${answer.status} ${answer.body}`)
  return answer
}

function post(path: string, client: { id: string; secret: string }, form: Record<string, string>): Outgoing {
  return { method: 'POST', path, headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` }, form }
}

export const operations: Readonly<Record<string, Operation>> = {
  'client_credentials, opaque': (target, chain) =>
    send(target, chain, post(target.served.paths.token, machine, { grant_type: 'client_credentials' })),
  'client_credentials, JWT ES256': (target, chain) => {
    const form = { grant_type: 'client_credentials', resource: api, scope: 'read:messages' }
    return send(target, chain, post(target.served.paths.token, machine, form))
  },
  'refresh, rotation, ES256 ID token': async (target, chain) => {
    const form = { grant_type: 'refresh_token', refresh_token: chain.refreshToken }
    chain.refreshToken = tokensOf(await send(target, chain, post(target.served.paths.token, web, form))).refresh_token
  },
  introspection: async (target, chain) => {
    const form = { token: target.accessToken }
    const { body } = await send(target, chain, post(target.served.paths.introspection, web, form))
    if (!body.includes('"active":true')) throw new Error(body)
  },
  userinfo: (target, chain) =>
    send(target, chain, {
      path: target.served.paths.userinfo,
      headers: { authorization: `Bearer ${target.accessToken}` },
    }),
  discovery: (target, chain) => send(target, chain, { path: target.served.paths.discovery }),
  jwks: (target, chain) => send(target, chain, { path: target.served.paths.jwks }),
  'whole code login': codeLogin,
}

function tokensOf({ body }: Answer): { refresh_token: string } {
  const tokens = JSON.parse(body) as { refresh_token?: string; id_token?: string }
  if (tokens.refresh_token === undefined || tokens.id_token === undefined) throw new Error(`not all tokens: ${body}`)
  return { refresh_token: tokens.refresh_token }
}

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = createHash('sha256').update(verifier).digest('base64url')

/** A browser without cookies signs a person in: authorization request, page, form, code; the client redeems the code. */
async function codeLogin(target: Target, chain: Chain): Promise<void> {
  const { paths } = target.served
  const cookies = new Map<string, string>()
  const query = new URLSearchParams({
    client_id: web.id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile',
    state: 'af0ifjsldkj',
    nonce: 'n-0S6_WzA2Mj',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  let next: Outgoing = { path: `${paths.authorize}?${query}` }
  for (let steps = 0; steps < 10; steps++) {
    const answer = await send(target, chain, { ...next, headers: browserHeaders(cookies) })
    for (const cookie of headers(answer.head, 'set-cookie')) keep(cookies, cookie)
    const location = header(answer.head, 'location')
    if (location?.startsWith(redirectUri) === true) {
      const code = new URL(location).searchParams.get('code') ?? ''
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
      tokensOf(await send(target, chain, post(paths.token, web, form)))
      return
    }
    next = location === undefined ? filledIn(answer.body) : { path: location.replace(/^http:\/\/[^/]+/, '') }
  }
  throw new Error('the sign-in came to no end')
}

function browserHeaders(cookies: ReadonlyMap<string, string>): Record<string, string> {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
  return { accept: 'text/html', 'accept-language': 'en', ...(cookie === '' ? {} : { cookie }) }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';', 1)
  const equals = pair.indexOf('=')
  const value = pair.slice(equals + 1)
  if (value === '') cookies.delete(pair.slice(0, equals))
  else cookies.set(pair.slice(0, equals), value)
}

function filledIn(page: string): Outgoing {
  const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1]
  if (action === undefined) throw new Error(`a page without a form: ${page}`)
  return { method: 'POST', path: action, form: { username: 'alice', password: 'not looked at here' } }
}
