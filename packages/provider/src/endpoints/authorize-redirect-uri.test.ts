import { newPerson, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'

/** A request of the client `spa`, which has one redirect URI, without naming it. */
async function ask(parameters: Readonly<Record<string, string>>) {
  const { provider } = await testProvider()
  const query = new URLSearchParams({
    client_id: 'spa',
    response_type: 'code',
    prompt: 'none',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  })
  return newPerson(provider).open(`/authorize?${query}`)
}

test('RFC 6749 §3.1.2.3: plain OAuth may leave out the redirect URI where one alone is registered', async () => {
  const { leftTo } = await ask({ scope: 'email' })
  expect(leftTo?.href).toMatch(/^https:\/\/spa\.example\.com\/cb\?error=login_required/)
})

test('OIDC Core §3.1.2.1: an OpenID request may not, and is answered on a page', async () => {
  const { leftTo, status, text } = await ask({ scope: 'email openid' })
  expect(leftTo).toBeNull()
  expect(status).toBe(400)
  expect(text).toContain('parameter &quot;redirect_uri&quot; is missing')
})
