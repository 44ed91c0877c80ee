import { describe, expect, test } from 'vitest'
import { createAuthorizationRequest } from './authorization.ts'
import { exchangeCode } from './code-exchange.ts'
import { createDpopKey } from './dpop-key.ts'
import { idTokenSignatures } from './id-token-signature.ts'
import { pushAuthorization } from './pushed-authorization.ts'
import { refreshTokens } from './refresh.ts'
import { revokeToken } from './revocation.ts'
import { issuer, metadata, type Peer, peer, transaction } from './test-peer.ts'
import { requestUserInfo } from './userinfo.ts'

const callback = (changes: Record<string, string> = {}) => new URLSearchParams({ state: 's', code: 'c', ...changes })
const tokens = (idToken: string, more: object = {}) =>
  Response.json({
    access_token: 'at',
    token_type: 'Bearer',
    expires_in: 60,
    refresh_token: 'rt',
    id_token: idToken,
    ...more,
  })

/** Redeems a code that is answered with this ID token. */
async function exchange(p: Peer, idToken: string, more: { acrValues?: string[]; maxAgeSeconds?: number } = {}) {
  p.answers.set('/token', () => tokens(idToken))
  return exchangeCode(p.connection, { callback: callback(), transaction: { ...transaction, ...more } })
}

describe('features 33: an ID token is refused before anything is kept', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['another issuer (OIDC Core §3.1.3.7 2)', { iss: 'https://evil.test' }, 'iss'],
    ['another audience (§3.1.3.7 3)', { aud: 'other' }, 'aud'],
    ['several audiences without azp (§3.1.3.7 4)', { aud: ['app', 'other'] }, 'azp'],
    ['another azp (§3.1.3.7 5)', { azp: 'other' }, 'azp'],
    ['an expiry in the past (§3.1.3.7 9)', { exp: 1_799_999_000 }, 'exp'],
    ['no time of issue (§3.1.3.7 10)', { iat: undefined }, 'iat'],
    ['another nonce (§3.1.3.7 11)', { nonce: 'other' }, 'nonce'],
    ['no nonce (§3.1.3.7 11)', { nonce: undefined }, 'nonce'],
    ['no subject (§2)', { sub: undefined }, 'sub'],
    ['the hash of another access token (§3.1.3.8)', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'at_hash'],
  ])('%s', async (_name, changes, word) => {
    const p = await peer()
    const refused = exchange(p, await p.idToken(changes))
    await expect(refused).rejects.toMatchObject({ code: 'id_token_invalid', retryable: false })
    await expect(refused).rejects.toThrow(word)
  })

  test('an algorithm that the provider does not name, none at all, and what is no JWT', async () => {
    const p = await peer()
    const rsa = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    )
    const none = `${btoa('{"alg":"none"}')}.${(await p.idToken()).split('.')[1]}.`
    for (const idToken of [await p.idToken({}, {}, rsa.privateKey), none, 'no.jwt', 'a.b.c']) {
      await expect(exchange(p, idToken)).rejects.toMatchObject({ code: 'id_token_invalid' })
    }
  })

  test('OIDC Core §3.1.2.1, RFC 9470 §5: a sign-in that is too old or too weak for what was asked', async () => {
    const p = await peer()
    const now = p.clock.now()
    const insufficient = { code: 'authentication_insufficient', remedy: 'sign_in' }
    for (const auth_time of [undefined, now - 400]) {
      await expect(exchange(p, await p.idToken({ auth_time }), { maxAgeSeconds: 300 })).rejects.toMatchObject(
        insufficient,
      )
    }
    expect((await exchange(p, await p.idToken({ auth_time: now - 200 }), { maxAgeSeconds: 300 })).claims?.sub).toBe(
      'alice',
    )
    for (const acr of [undefined, 'pwd']) {
      await expect(exchange(p, await p.idToken({ acr }), { acrValues: ['mfa', 'hw'] })).rejects.toMatchObject(
        insufficient,
      )
    }
    expect((await exchange(p, await p.idToken({ acr: 'hw' }), { acrValues: ['mfa', 'hw'] })).claims?.acr).toBe('hw')
  })
})

describe('the signature of ID tokens (OIDC Core §3.1.3.7 6, §10.1)', () => {
  test('features 33: one of another key, and one whose claims were changed, are refused', async () => {
    const p = await peer({ checkIdToken: idTokenSignatures() })
    expect((await exchange(p, await p.idToken())).claims?.sub).toBe('alice')
    const foreign = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    await expect(exchange(p, await p.idToken({}, {}, foreign.privateKey))).rejects.toThrow('signature')
    const [header, , signature] = (await p.idToken()).split('.')
    const [, changed] = (await p.idToken({ sub: 'bob' })).split('.')
    await expect(exchange(p, [header, changed, signature].join('.'))).rejects.toMatchObject({
      code: 'id_token_invalid',
    })
  })

  test('features 43: an unknown kid brings the keys once more, and a flood of them not a flood of requests', async () => {
    const p = await peer({ checkIdToken: idTokenSignatures() })
    await exchange(p, await p.idToken())
    const jwks = () => p.asked.filter((request) => request.url.endsWith('/jwks')).length
    p.clock.advance(40)
    for (let count = 0; count < 5; count++) {
      await expect(exchange(p, await p.idToken({}, { kid: `unknown-${count}` }))).rejects.toThrow('signature')
    }
    expect(jwks()).toBe(2)
    p.clock.advance(40)
    expect((await exchange(p, await p.idToken())).claims?.sub).toBe('alice')
  })

  test('features 23: while the keys cannot be had a sign-in fails for now, and a renewal keeps the new refresh token and the ID token of before', async () => {
    const p = await peer({ checkIdToken: idTokenSignatures() })
    const before = { ...(await exchange(await peer(), await p.idToken())), idToken: 'old' }
    p.answers.set('/jwks', () => new Response('', { status: 503 }))
    await expect(exchange(p, await p.idToken())).rejects.toMatchObject({ code: 'keys_unavailable', retryable: true })
    p.answers.set('/token', async () => tokens(await p.idToken(), { access_token: 'at2', refresh_token: 'rt2' }))
    expect(await refreshTokens(p.connection, before)).toMatchObject({
      accessToken: 'at2',
      refreshToken: 'rt2',
      idToken: 'old',
      renewals: 1,
    })
  })
})

describe('discovery (OIDC Discovery §4.3)', () => {
  test.each<[string, object]>([
    ['another issuer', { issuer: 'https://evil.test' }],
    ['a slash too much', { issuer: `${issuer}/` }],
    ['a token endpoint without TLS', { token_endpoint: 'http://id.example.com/token' }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['an endpoint that is no address', { userinfo_endpoint: 'nowhere' }],
  ])('with %s is refused, and a failure is not remembered', async (_name, changes) => {
    const p = await peer()
    p.answers.set('/.well-known/openid-configuration', () => Response.json({ ...metadata, ...changes }))
    await expect(p.connection.metadata()).rejects.toMatchObject({ code: 'discovery_failed', remedy: 'fix_setup' })
    p.answers.set('/.well-known/openid-configuration', () => Response.json(metadata))
    expect((await p.connection.metadata()).issuer).toBe(issuer)
  })

  test('a provider that is away, or answers 503, can be asked again', async () => {
    const p = await peer()
    p.answers.set(
      '/.well-known/openid-configuration',
      () => new Response('', { status: 503, headers: { 'retry-after': '9' } }),
    )
    await expect(p.connection.metadata()).rejects.toMatchObject({ retryable: true, retryAfterSeconds: 9 })
    p.answers.set('/.well-known/openid-configuration', () => Promise.reject(new TypeError('failed')))
    await expect(p.connection.metadata()).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('requests', () => {
  test('RFC 9126 §2: an authorization request is pushed, and only client_id and request_uri travel by the browser', async () => {
    const p = await peer({ push: pushAuthorization })
    p.answers.set('/par', () => Response.json({ request_uri: 'urn:x', expires_in: 60 }, { status: 201 }))
    const asked = {
      redirectUri: 'https://app.test/',
      scope: 'openid',
      acrValues: ['mfa'],
      maxAgeSeconds: 5,
      uiLocales: ['de', 'en'],
    }
    const { url } = await createAuthorizationRequest(p.connection, {
      ...asked,
      resource: ['https://a.test', 'https://b.test'],
    })
    expect([...new URL(url).searchParams]).toEqual([
      ['client_id', 'app'],
      ['request_uri', 'urn:x'],
    ])
    const pushed = new URLSearchParams(await p.asked.at(-1)?.text())
    expect([
      pushed.getAll('resource').length,
      pushed.get('acr_values'),
      pushed.get('max_age'),
      pushed.get('ui_locales'),
    ]).toEqual([2, 'mfa', '5', 'de en'])
    expect([pushed.get('code_challenge_method'), pushed.get('client_id')]).toEqual(['S256', 'app'])
  })

  test('RFC 9126 §5: a provider that takes pushed requests only is told apart from one that is broken', async () => {
    const p = await peer()
    const required = { ...metadata, require_pushed_authorization_requests: true }
    p.answers.set('/.well-known/openid-configuration', () => Response.json(required))
    const request = createAuthorizationRequest(p.connection, { redirectUri: 'https://app.test/', scope: 'openid' })
    await expect(request).rejects.toThrow('pushed')
  })

  test('an extra parameter never replaces one that a check depends on', async () => {
    const p = await peer()
    const extraParameters = {
      state: 'x',
      nonce: 'x',
      code_challenge_method: 'plain',
      response_type: 'token',
      request: 'x',
      foo: 'bar',
    }
    const { url, transaction: made } = await createAuthorizationRequest(p.connection, {
      redirectUri: 'https://app.test/',
      scope: 'openid',
      extraParameters,
    })
    const { searchParams } = new URL(url)
    expect([searchParams.get('state'), searchParams.get('nonce')]).toEqual([made.state, made.nonce])
    expect([
      searchParams.get('response_type'),
      searchParams.get('code_challenge_method'),
      searchParams.get('foo'),
      searchParams.get('request'),
    ]).toEqual(['code', 'S256', 'bar', null])
  })

  test('OIDC Core §5.3.2: userinfo of another person is refused, and a 401 is told as what it is', async () => {
    const p = await peer()
    p.answers.set('/userinfo', () => Response.json({ sub: 'bob', name: 'Bob' }))
    const ask = () => requestUserInfo(p.connection, 'alice', (url) => p.connection.runtime.fetch(url))
    await expect(ask()).rejects.toMatchObject({ code: 'response_invalid' })
    p.answers.set('/userinfo', () => Response.json({ sub: 'alice', name: 'Alice' }))
    expect(await ask()).toEqual({ sub: 'alice', name: 'Alice' })
    p.answers.set('/userinfo', () => new Response('', { status: 401 }))
    await expect(ask()).rejects.toMatchObject({ code: 'token_invalid' })
    p.answers.set('/userinfo', () => new Response('', { status: 503 }))
    await expect(ask()).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('RFC 7009 §2.1: the token and its kind are sent, and an empty answer is a yes', async () => {
    const p = await peer()
    p.answers.set('/revoke', () => new Response(null, { status: 200 }))
    expect(await revokeToken(p.connection, 'secret', 'refresh_token')).toBe(true)
    const form = new URLSearchParams(await p.asked.at(-1)?.text())
    expect([form.get('token'), form.get('token_type_hint'), form.get('client_id')]).toEqual([
      'secret',
      'refresh_token',
      'app',
    ])
  })

  test.each<[string, () => Response, string]>([
    ['no JSON', () => new Response('<html>'), 'response_invalid'],
    ['a token that is no text', () => Response.json({ access_token: 7, token_type: 'Bearer' }), 'response_invalid'],
    ['an unknown kind of token', () => Response.json({ access_token: 'a', token_type: 'mac' }), 'response_invalid'],
    [
      'a lifetime that is none',
      () => Response.json({ access_token: 'a', token_type: 'Bearer', expires_in: 'soon' }),
      'response_invalid',
    ],
    [
      'a token bound to a key that is not ours',
      () => Response.json({ access_token: 'a', token_type: 'DPoP' }),
      'response_invalid',
    ],
    ['no ID token', () => Response.json({ access_token: 'a', token_type: 'Bearer' }), 'id_token_invalid'],
    ['a refusal', () => Response.json({ error: 'invalid_grant' }, { status: 400 }), 'authorization_failed'],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.test' } }),
      'response_invalid',
    ],
    ['429', () => new Response('', { status: 429 }), 'unreachable'],
  ])('RFC 6749 §5: an answer with %s has an error of its own, without what was sent', async (_name, answer, code) => {
    const p = await peer()
    p.answers.set('/token', answer)
    const failed = exchangeCode(p.connection, { callback: callback({ code: 'very-secret-code' }), transaction })
    await expect(failed).rejects.toMatchObject({ code })
    await expect(failed).rejects.not.toThrow('very-secret-code')
  })

  test('RFC 9449 §8: at the token endpoint a fresh proof is made with the nonce that the provider wants', async () => {
    const p = await peer()
    const dpop = createDpopKey({ runtime: p.connection.runtime })
    const bound = { ...p.connection, dpop }
    const proofs: string[] = []
    p.answers.set('/token', async (request) => {
      const proof = request.headers.get('dpop') ?? ''
      proofs.push(proof)
      const { nonce } = JSON.parse(atob(proof.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))
      if (nonce === 'fresh') return tokens(await p.idToken(), { token_type: 'DPoP' })
      return Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers: { 'dpop-nonce': 'fresh' } })
    })
    const found = await exchangeCode(bound, { callback: callback(), transaction })
    expect([found.tokenType, proofs.length, new Set(proofs).size]).toEqual(['DPoP', 2, 2])
  })
})
