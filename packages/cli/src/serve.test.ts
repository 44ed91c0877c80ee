import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestBrowser } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')
const client = {
  client_id: 'web',
  client_secret: 'a secret of the test',
  client_name: 'Web',
  redirect_uris: ['http://127.0.0.1:9/cb'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  require_consent: false,
  require_pkce: false,
}
const basic = `Basic ${Buffer.from(`web:${encodeURIComponent(client.client_secret).replaceAll('%20', '+')}`).toString('base64')}`
const base = {
  issuer: 'http://127.0.0.1:0',
  listen: { port: 0 },
  store: { sqlite: 'latchkey.db' },
  clients: [client],
  users: [{ username: 'alice', password: 'a password of the test' }],
  resources: [{ identifier: 'https://api.example.com', name: 'Example API', scopes: ['read:messages'] }],
  log: 'json',
}

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey serve '))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the command; `ready` resolves with the issuer of the ready line, `ended` with how it ended. */
function latchkey(parameters: readonly string[]) {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', main]
  const child = spawn(process.execPath, [...flags, ...parameters], { cwd: folder })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk
      const issuer = /^Latchkey is ready: (\S+)\n/.exec(output.stdout)?.[1]
      if (issuer !== undefined) resolve(issuer)
    })
    ended.then((end) => reject(new Error(`ended before it was ready: ${JSON.stringify(end)}`)))
  })
  ready.catch(() => {})
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  return { child, ready, ended, output }
}

function serve(config: object | string = base) {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  writeFileSync(join(folder, 'latchkey.json'), text)
  return latchkey(['serve', '--config', 'latchkey.json'])
}

/** The same configuration for a restart on the same port. */
const again = (issuer: string) => ({ ...base, issuer, listen: { port: Number(new URL(issuer).port) } })

function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { authorization: basic }, body: new URLSearchParams(form) })
}

/** Signs alice in through the real pages and redeems the code. */
async function signIn(issuer: string): Promise<Record<string, string>> {
  const browser = createTestBrowser()
  const request = new URLSearchParams({
    client_id: 'web',
    response_type: 'code',
    redirect_uri: client.redirect_uris[0] ?? '',
    scope: 'openid',
    state: 's',
    resource: 'https://api.example.com',
  })
  const page = await browser.open(`${issuer}/authorize?${request}`)
  const action = /<form[^>]* action="([^"]+)"/.exec(await page.response.text())?.[1] ?? ''
  const body = new URLSearchParams({ username: 'alice', password: 'a password of the test' })
  const answer = await browser.open(new URL(action, page.url).href, {
    init: { method: 'POST', body, headers: { origin: issuer } },
    stopAt: (url) => url.startsWith('http://127.0.0.1:9/'),
  })
  const code = new URL(answer.url).searchParams.get('code') ?? ''
  const tokens = await post(`${issuer}/token`, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirect_uris[0] ?? '',
  })
  return (await tokens.json()) as Record<string, string>
}

describe('ready', () => {
  test('one line on stdout names the issuer, which answers; the log goes to stderr', async () => {
    const { ready, child, ended } = serve()
    const issuer = await ready
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
    expect(metadata).toMatchObject({ issuer })
    const page = await fetch(issuer, { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(`<code>${issuer}</code>`)])
    await post(`${issuer}/token`, { grant_type: 'client_credentials' })
    child.kill('SIGTERM')
    const end = await ended
    expect(end).toMatchObject({ code: 0, stdout: `Latchkey is ready: ${issuer}\n` })
    const events = end.stderr.trim().split('\n')
    expect(events.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ type: 'token.issued', client_id: 'web', grant_type: 'client_credentials' }),
    )
    expect(end.stderr).not.toContain(client.client_secret)
  })

  test('the key file that encrypts the signing keys is made beside the database', async () => {
    await serve().ready
    expect(existsSync(join(folder, 'latchkey.db.key'))).toBe(true)
  })
})

describe('restart', () => {
  test('SIGKILL right after a token response: the token is still valid and the refresh works', async () => {
    const first = serve()
    const issuer = await first.ready
    const tokens = await signIn(issuer)
    first.child.kill('SIGKILL')
    await first.ended

    const second = serve(again(issuer))
    expect(await second.ready).toBe(issuer)
    const introspected = await post(`${issuer}/introspect`, { token: tokens.access_token ?? '' })
    expect(await introspected.json()).toMatchObject({ active: true, client_id: 'web', iss: issuer })
    const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
    const renewed = await post(`${issuer}/token`, renewal)
    expect([renewed.status, await renewed.json()]).toEqual([200, expect.objectContaining({ expires_in: 3600 })])
  })

  test('features 19: a token revoked before SIGKILL stays revoked', async () => {
    const first = serve()
    const issuer = await first.ready
    const tokens = await signIn(issuer)
    await post(`${issuer}/revoke`, { token: tokens.refresh_token ?? '' })
    first.child.kill('SIGKILL')
    await first.ended

    await serve(again(issuer)).ready
    const refused = await post(`${issuer}/token`, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
    })
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' })
    const introspected = await post(`${issuer}/introspect`, { token: tokens.access_token ?? '' })
    expect(await introspected.json()).toEqual({ active: false })
  })
})

describe('SIGTERM', () => {
  test('a request that runs is answered, new ones are refused, then it ends with 0', async () => {
    const { ready, child, ended } = serve()
    const { hostname, port } = new URL(await ready)
    const body = 'grant_type=client_credentials'
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    const head = `POST /token HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: ${basic}\r\ncontent-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`
    socket.write(head)
    // The server has begun with the request when it asks for the body.
    await once(socket, 'data')
    child.kill('SIGTERM')
    for (let refused = false; !refused; ) refused = await isRefused(hostname, Number(port))
    socket.write(body)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toMatch(/^HTTP\/1\.1 200 (?:.|\s)*"access_token"/)
    expect(await ended).toMatchObject({ code: 0, signal: null })
  })
})

test('an open revocation feed ends at SIGTERM by itself, not by being cut off', async () => {
  const guard = { client_id: 'guard', client_secret: 'a secret of the guard', grant_types: [], revocation_feed: true }
  const { ready, child, ended } = serve({ ...base, clients: [client, guard] })
  const authorization = `Basic ${btoa('guard:a+secret+of+the+guard')}`
  const { body } = await fetch(`${await ready}/revocations`, { headers: { authorization } })
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: synced')
  child.kill('SIGTERM')
  for (let done = false; !done; ) done = (await reader.read()).done
  expect(await ended).toMatchObject({ code: 0, signal: null })
})

function isRefused(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}

describe('what keeps it from starting is one plain message, and nothing listens', () => {
  test('a port that another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const end = await serve(again(`http://127.0.0.1:${port}`)).ended
    other.close()
    expect(end).toMatchObject({ code: 1, stdout: '' })
    expect(end.stderr).toMatch(
      new RegExp(
        `^latchkey: listen: cannot listen on 127\\.0\\.0\\.1:${port}: another program has this port\\. .*\\n$`,
      ),
    )
  })

  test('an address that is not ours', async () => {
    const end = await serve({ ...base, issuer: 'https://id.example.com', listen: { host: '192.0.2.1', port: 8000 } })
      .ended
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('this machine has no such address') })
  })

  test('a file that is no database', async () => {
    writeFileSync(
      join(folder, 'latchkey.db'),
      'this is no database, but a text that is long enough to be read as one'.repeat(20),
    )
    expect(await serve().ended).toMatchObject({ code: 1, stderr: expect.stringContaining('is no SQLite database') })
  })

  test('a key file that went missing, or is another one', async () => {
    const first = serve()
    await first.ready
    first.child.kill('SIGTERM')
    await first.ended
    const key = join(folder, 'latchkey.db.key')
    const original = readFileSync(key)
    rmSync(key)
    expect((await serve().ended).stderr).toContain(`${key} is missing: the database was made with this key file`)
    writeFileSync(key, 'A'.repeat(43), { mode: 0o600 })
    expect((await serve().ended).stderr).toContain(`${key} is not the key file this database was made with`)
    writeFileSync(key, original)
    await serve().ready
  })

  test('a certificate that cannot be read, and one that is none', async () => {
    const tls = { key: 'key.pem', cert: 'cert.pem' }
    const config = { ...base, issuer: 'https://127.0.0.1:0', listen: { port: 0, tls } }
    expect((await serve(config).ended).stderr).toContain('key.pem cannot be read (ENOENT)')
    for (const file of Object.values(tls)) writeFileSync(join(folder, file), 'no PEM')
    expect((await serve(config).ended).stderr).toContain('do not make a pair that works')
  })

  test('broken JSON, with line, column and excerpt', async () => {
    const end = await serve('{\n  "issuer": "http://127.0.0.1:8000"\n  "store": "memory"\n}').ended
    expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('line 3, column 3: a comma') })
    expect(end.stderr).toContain('      "store": "memory"\n      ^')
  })

  test('every problem of the configuration at once', async () => {
    const { stderr } = await serve({ ...base, isuer: 1, lifetimes: { acess_token: 1 } }).ended
    expect(stderr.match(/^ {2}- /gm)).toHaveLength(2)
    expect(stderr).toContain('did you mean "issuer"?')
    expect(stderr).toContain('did you mean "access_token"?')
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

describe('the command line', () => {
  test('--print-config prints a configuration that runs as it stands', async () => {
    const printed = await latchkey(['serve', '--print-config']).ended
    expect(printed).toMatchObject({ code: 0, stderr: '' })
    const config = { ...JSON.parse(printed.stdout), issuer: base.issuer, listen: base.listen }
    expect(await serve(config).ready).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  test('a wrong use ends with 2 and says what is wrong', async () => {
    expect(await latchkey(['serve']).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--config FILE is missing'),
    })
    expect(await latchkey(['serv']).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean serve?'),
    })
  })

  test('--help and --version', async () => {
    expect(await latchkey(['--help']).ended).toMatchObject({ code: 0, stdout: expect.stringContaining('serve') })
    expect(await latchkey(['--version']).ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})
