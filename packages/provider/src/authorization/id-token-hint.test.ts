import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

/** Five parts, the first of which says what they are. */
const encrypted = `${Buffer.from('{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}').toString('base64url')}.a.b.c.d`
const asking = {
  client_id: 'web',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}
const till = client({
  client_id: 'till',
  client_secret: 'till-secret-till-secret-till',
  grant_types: ['urn:openid:params:grant-type:ciba'],
})

describe('a hint that is encrypted for its client', () => {
  test('OIDC Core §3.1.2.1: is refused with what to send instead', async () => {
    const { provider } = await testProvider()
    const url = `/authorize?${new URLSearchParams({ ...asking, id_token_hint: encrypted })}`
    const { leftTo } = await newPerson(provider).open(url)
    expect(leftTo?.searchParams.get('error')).toBe('invalid_request')
    expect(leftTo?.searchParams.get('error_description')).toContain('send the signed ID token that is inside')
  })

  test('RP-Initiated Logout §2: leads nowhere, and the page says why', async () => {
    const { provider } = await testProvider()
    const leaving = 'https://app.example.com/bye'
    const url = `/end-session?${new URLSearchParams({ id_token_hint: encrypted, post_logout_redirect_uri: leaving })}`
    const page = await newPerson(provider).open(url)
    expect(page.leftTo).toBeNull()
    expect(page.status).toBe(400)
    expect(page.text).toContain('send the signed ID token that is inside')
  })

  test('CIBA Core §7.1: names nobody', async () => {
    const { post } = await testProvider({ moreClients: [till], ciba: {} })
    const answer = await post('/bc-authorize', 'till', { scope: 'openid', id_token_hint: encrypted })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(await answer.json())).toContain('send the signed ID token that is inside')
  })
})
