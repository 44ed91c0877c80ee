import { client, newPerson, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'

const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }

/** The ID tokens that a client gets in the answer and for its code; its scopes are openid and email. */
async function idTokens(response_type: string, scope_claims_in_id_token: boolean, more: Record<string, string> = {}) {
  const app = client({
    client_id: 'app',
    client_secret: 'a'.repeat(32),
    redirect_uris: ['https://app.example.com/cb'],
    grant_types: ['authorization_code', 'implicit'],
    response_types: ['code', 'id_token', 'code id_token', 'id_token token'],
    require_consent: false,
    scope_claims_in_id_token,
  })
  const kit = await testProvider({ moreClients: [app] })
  const person = newPerson(kit.provider)
  const redirect_uri = 'https://app.example.com/cb'
  const query = {
    client_id: 'app',
    redirect_uri,
    response_type,
    scope: 'openid email',
    nonce: 'n',
    ...challenge,
    ...more,
  }
  const page = await person.open(`/authorize?${new URLSearchParams(query)}`)
  const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
  const answer = new URLSearchParams(leftTo?.hash.slice(1) || leftTo?.search)
  const code = answer.get('code')
  const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const form = { grant_type: 'authorization_code', code: code ?? '', redirect_uri, code_verifier }
  const back = code === null ? undefined : (await kit.token('app', form)).id_token
  return [answer.get('id_token'), back].filter((jwt) => typeof jwt === 'string').map((jwt) => decodeJwt(jwt))
}

test.each([
  ['code', 1],
  ['code id_token', 2],
  ['id_token token', 1],
])('OIDC Core §5.4: %s leaves what scopes tell to userinfo where the client wants it so', async (type, count) => {
  const strict = await idTokens(type, false)
  expect(strict).toHaveLength(count)
  for (const claims of strict) expect(claims).not.toHaveProperty('email')
  for (const claims of await idTokens(type, true)) expect(claims.email).toBe('alice@example.com')
})

test('OIDC Core §5.4: an ID token without an access token beside it tells what scopes tell in any case', async () => {
  for (const setting of [true, false]) expect((await idTokens('id_token', setting))[0]?.email).toBe('alice@example.com')
})

test('OIDC Core §5.5: what is asked for by name for the ID token stands in it', async () => {
  const claims = JSON.stringify({ id_token: { email: null } })
  expect((await idTokens('code', false, { claims }))[0]?.email).toBe('alice@example.com')
})
