import { expect, test } from 'vitest'
import { exchangeCode } from './code-exchange.ts'
import { createDpopKey } from './dpop-key.ts'
import { idTokenSignatures } from './id-token-signature.ts'
import { connectProvider } from './provider-connection.ts'
import { refreshTokens } from './refresh.ts'
import { revokeToken } from './revocation.ts'
import { issuer, metadata, type Peer, peer, transaction } from './test-peer.ts'

const callback = (query: string) => new URLSearchParams(query)
const exchange = (p: Peer, query = 'state=s&code=c') =>
  exchangeCode(p.connection, { callback: callback(query), transaction })

/** A peer that redeems codes for a good ID token and these members. */
async function redeeming(members: object, options: Parameters<typeof peer>[0] = {}): Promise<Peer> {
  const p = await peer(options)
  const usual = { access_token: 'at', token_type: 'Bearer', expires_in: 60, refresh_token: 'rt', scope: 'a b' }
  p.answers.set('/token', async () => Response.json({ ...usual, id_token: await p.idToken(), ...members }))
  return p
}

test('features 23: an answer whose body never ends is given up after the time limit, to be asked for again', async () => {
  const p = await peer()
  p.answers.set('/token', ({ signal }) => {
    const body = new ReadableStream({
      start: (stream) => signal.addEventListener('abort', () => stream.error(signal.reason)),
    })
    return new Response(body)
  })
  const failed = exchange(p)
  failed.catch(() => undefined)
  while (!p.asked.some(({ url }) => url.endsWith('/token'))) await Promise.resolve()
  await new Promise(setImmediate)
  p.clock.advance(31)
  await expect(failed).rejects.toMatchObject({ code: 'unreachable', retryable: true, cause: undefined })
  await expect(failed).rejects.toThrow(`${issuer}/token: no answer`)
})

test('RFC 9700 §4.14.2: only a request that is surely over has a cause, one that was given up may still arrive', async () => {
  const p = await peer()
  await p.connection.metadata()
  const gone = new TypeError('gone')
  p.answers.set('/token', () => Promise.reject(gone))
  await expect(exchange(p)).rejects.toMatchObject({ code: 'unreachable', cause: gone })
  let sent = false
  p.answers.set('/token', ({ signal }) => {
    sent = true
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const failed = exchange(p).catch((error: unknown) => error)
  while (!sent) await Promise.resolve()
  p.clock.advance(31)
  expect(await failed).toMatchObject({ code: 'unreachable', retryable: true, cause: undefined })
})

test.each([
  ['state=s&state=s&code=c', 'response_invalid', 'state came twice'],
  ['state=s&code=c&code=d', 'response_invalid', 'code came twice'],
  [`state=s&code=c&iss=${issuer}&iss=https://evil.test`, 'response_invalid', 'iss came twice'],
  ['state=other&code=c', 'state_mismatch', 'state'],
  ['code=c', 'state_mismatch', 'state'],
  ['state=s&code=c&iss=https://evil.test', 'issuer_mismatch', 'iss'],
  ['state=s&error=access_denied&iss=https://evil.test', 'issuer_mismatch', 'iss'],
  ['state=s&error=access_denied', 'authorization_failed', 'access_denied'],
  ['state=s', 'response_invalid', 'code'],
])('RFC 6749 §4.1.2, RFC 9207 §2.4: the callback %s is refused as %s', async (query, code, word) => {
  const p = await redeeming({})
  await expect(exchange(p, query)).rejects.toMatchObject({ code, message: expect.stringContaining(word) })
  expect(p.asked.filter(({ url }) => url.endsWith('/token'))).toEqual([])
})

test('RFC 9207 §2.4: where the provider says that it names itself, an answer without iss is refused', async () => {
  const p = await redeeming({})
  const named = { ...metadata, authorization_response_iss_parameter_supported: true }
  p.answers.set('/.well-known/openid-configuration', () => Response.json(named))
  await expect(exchange(p)).rejects.toMatchObject({ code: 'issuer_mismatch' })
  expect((await exchange(p, `state=s&code=c&iss=${issuer}`)).accessToken).toBe('at')
})

test.each([
  ['access_token', ''],
  ['access_token', 7],
  ['token_type', undefined],
  ['expires_in', -1],
  ['refresh_token', {}],
  ['id_token', 7],
  ['scope', ['a']],
])('RFC 6749 §5.1: an answer whose %s is %j is refused by that name', async (member, value) => {
  const refused = exchange(await redeeming({ [member]: value }))
  await expect(refused).rejects.toMatchObject({ code: 'response_invalid', message: expect.stringContaining(member) })
})

test('RFC 6749 §6, OIDC Core §12.2: what a renewal leaves out, or sends empty, stays as it was', async () => {
  const before = await exchange(await redeeming({}))
  const empty = { access_token: 'at2', refresh_token: '', id_token: '', scope: null, expires_in: undefined }
  const p = await redeeming(empty)
  const { accessToken, issuedAt, expiresAt, ...kept } = await refreshTokens(p.connection, before)
  expect([accessToken, expiresAt - issuedAt]).toEqual(['at2', 300])
  const { accessToken: _, issuedAt: __, expiresAt: ___, ...held } = before
  expect(kept).toEqual({ ...held, renewals: 1 })
})

test.each([
  ['an endpoint of this machine named from afar', issuer, { token_endpoint: 'http://127.0.0.1/token' }, false],
  ['keys without TLS', issuer, { jwks_uri: 'http://id.example.com/jwks' }, false],
  ['a script for an endpoint', issuer, { end_session_endpoint: 'javascript:alert(1)' }, false],
  ['a list for an endpoint', issuer, { end_session_endpoint: [`${issuer}/end`] }, false],
  ['everything on this machine', 'http://localhost:9', { token_endpoint: 'http://localhost:9/token' }, true],
  ['one endpoint elsewhere without TLS', 'http://localhost:9', { token_endpoint: 'http://id.example.com/t' }, false],
])('OIDC Discovery §4.3: metadata with %s', async (_name, at, changes, accepted) => {
  const p = await peer()
  p.answers.set('/.well-known/openid-configuration', () => Response.json({ ...metadata, issuer: at, ...changes }))
  const read = connectProvider({ issuer: at, clientId: 'app', runtime: p.connection.runtime }).metadata()
  if (accepted) expect((await read).issuer).toBe(at)
  else await expect(read).rejects.toMatchObject({ code: 'discovery_failed', message: expect.stringContaining('https') })
})

test('OIDC Discovery §4.3: no member of the metadata can be named so that another issuer passes', async () => {
  const p = await peer()
  const forged = { ...metadata, issuer: 'x_endpoint is no https URL', 'the issuer is x_endpoint': 'https://evil.test' }
  p.answers.set('/.well-known/openid-configuration', () => Response.json(forged))
  await expect(p.connection.metadata()).rejects.toThrow('the issuer is x_endpoint is no https URL')
})

test('OIDC Core §10.1.1: a key that was replaced under its old kid is found, once the pause between requests is over', async () => {
  const p = await redeeming({}, { checkIdToken: idTokenSignatures() })
  await exchange(p)
  const next = await peer()
  const published = next.answers.get('/jwks')
  if (published !== undefined) p.answers.set('/jwks', published)
  p.answers.set('/token', async () =>
    Response.json({ access_token: 'at', token_type: 'Bearer', id_token: await next.idToken() }),
  )
  await expect(exchange(p)).rejects.toMatchObject({ code: 'id_token_invalid' })
  p.clock.advance(30)
  next.clock.advance(30)
  expect((await exchange(p)).claims?.sub).toBe('alice')
})

test('RFC 9449 §8: a refusal with a nonce is final unless it asks for that nonce, and comes no third time', async () => {
  const p = await peer()
  const connection = { ...p.connection, dpop: createDpopKey({ runtime: p.connection.runtime }) }
  const ask = async (error: string) => {
    let count = 0
    p.answers.set('/token', () => {
      const headers = { 'dpop-nonce': `${error}-${++count}` }
      return Response.json({ error }, { status: 400, headers })
    })
    await expect(exchangeCode(connection, { callback: callback('state=s&code=c'), transaction })).rejects.toThrow(error)
    return count
  }
  expect([await ask('invalid_grant'), await ask('use_dpop_nonce')]).toEqual([1, 2])
  p.answers.set('/revoke', () => new Response())
  await revokeToken(connection, 'rt', 'refresh_token')
  expect(p.asked.at(-1)?.headers.get('dpop')).toBeNull()
})

test.each([
  ['7', 7],
  ['999999', 600],
  ['-5', undefined],
  ['0', undefined],
  ['soon', undefined],
  ['Wed, 21 Oct 2099 07:28:00 GMT', undefined],
])('RFC 9110 §10.2.3: Retry-After "%s" asks for a wait of %s seconds', async (header, seconds) => {
  const p = await peer()
  p.answers.set('/token', () => new Response('', { status: 503, headers: { 'retry-after': header } }))
  await expect(exchange(p)).rejects.toMatchObject({ code: 'unreachable', retryAfterSeconds: seconds })
})

test('OIDC Discovery §3: metadata that says null of its algorithms means the usual one', async () => {
  const p = await redeeming({})
  const silent = { ...metadata, id_token_signing_alg_values_supported: null }
  p.answers.set('/.well-known/openid-configuration', () => Response.json(silent))
  const found = await exchange(p).catch((error: unknown) => error)
  expect(found).toMatchObject({ code: 'id_token_invalid', message: 'ID token: alg' })
})
