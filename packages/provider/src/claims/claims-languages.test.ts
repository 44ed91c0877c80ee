import { client, newPerson, testApi, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'

const ada = {
  sub: 'ada-1',
  username: 'ada',
  admin: false,
  claims: {
    name: 'Ada',
    'name#de': 'Ada auf Deutsch',
    'name#ja-Kana-JP': 'エイダ',
    nickname: 'A',
    email: 'a@b.example',
  },
}
const app = client({
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://app.example.com/cb'],
  grant_types: ['authorization_code', 'refresh_token'],
  require_consent: false,
})

/** What Ada's ID token and userinfo say after a request with these parameters, and after a refresh. */
async function told(more: Record<string, string>) {
  const kit = await testProvider({ people: [ada], moreClients: [app] })
  const person = newPerson(kit.provider)
  const redirect_uri = 'https://app.example.com/cb'
  const query = new URLSearchParams({
    client_id: 'app',
    redirect_uri,
    response_type: 'code',
    scope: 'openid profile',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  })
  const page = await person.open(`/authorize?${query}`)
  const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'ada' })
  const code = leftTo?.searchParams.get('code') ?? ''
  const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const first = await kit.token('app', { grant_type: 'authorization_code', code, redirect_uri, code_verifier })
  const tokens = await kit.refresh({ ...first, clientId: 'app' })
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const userinfo = await (await kit.request('/userinfo', { headers })).json()
  return { idToken: decodeJwt(String(first.id_token)), renewed: decodeJwt(String(tokens.id_token)), userinfo }
}

test.each([
  ['de', 'Ada auf Deutsch'],
  ['fr DE-at', 'Ada auf Deutsch'],
  ['ja-Kana-JP de', 'エイダ'],
  ['se', 'Ada'],
  ['ja', 'Ada'],
  ['../../x <b> 1', 'Ada'],
])(
  'OIDC Core §5.2: claims_locales "%s" tells the name as %s, everywhere and under its bare name',
  async (locales, name) => {
    const { idToken, renewed, userinfo } = await told({ claims_locales: locales })
    for (const claims of [idToken, renewed, userinfo]) {
      expect(claims).toMatchObject({ name, nickname: 'A' })
      expect(Object.keys(claims).filter((key) => key.includes('#'))).toEqual([])
    }
  },
)

test('OIDC Core §5.2: without claims_locales the claim without a language is told', async () => {
  expect((await told({})).userinfo).toMatchObject({ name: 'Ada' })
})

test('OIDC Core §5.2: userinfo behind a JWT access token knows the languages too, and a claim asked for with one is as it is', async () => {
  const claims = JSON.stringify({ userinfo: { 'name#ja-Kana-JP': null } })
  const { userinfo } = await told({
    claims_locales: 'de',
    claims,
    resource: testApi,
    scope: 'openid profile read:messages',
  })
  expect(userinfo).toMatchObject({ name: 'Ada auf Deutsch', 'name#ja-Kana-JP': 'エイダ' })
})
