import { client, newPerson, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'

const about = {
  logo_uri: 'https://cdn.example/logo.png',
  policy_uri: 'https://app.example.com/privacy?a=1&b=2',
  tos_uri: 'https://app.example.com/terms',
}

/** The pages on the way of one application: sign-in, then consent. */
async function pages(metadata: Partial<Parameters<typeof client>[0]>, more: Record<string, string> = {}) {
  const app = client({
    client_id: 'app',
    client_name: 'Acme <Notes>',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['https://app.example.com/cb'],
    ...metadata,
  })
  const { provider } = await testProvider({ moreClients: [app] })
  const person = newPerson(provider)
  const query = new URLSearchParams({
    client_id: 'app',
    redirect_uri: 'https://app.example.com/cb',
    response_type: 'code',
    scope: 'openid profile',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  })
  const signIn = await person.open(`/authorize?${query}`)
  return [signIn, await person.post(`${signIn.path}/sign-in`, { username: 'alice' })]
}

test('OIDC Registration §2: logo, policy and terms stand on the pages where people sign in and allow', async () => {
  for (const { text, headers } of await pages(about)) {
    expect(text).toContain('<img class="logo" src="https://cdn.example/logo.png" alt=""')
    expect(text).toContain('href="https://app.example.com/privacy?a=1&amp;b=2"')
    expect(text).toContain('href="https://app.example.com/terms"')
    expect(text).toContain('About Acme &lt;Notes&gt;:')
    expect(text.match(/target="_blank"(?! rel="noopener noreferrer")/)).toBeNull()
    expect(headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.example;")
  }
})

test('an application that has none of them leaves the pages as they are, and so does one whose addresses cannot be read', async () => {
  const broken = { logo_uri: 'https://', policy_uri: 'http://[', tos_uri: 'https://' }
  for (const metadata of [{}, broken])
    for (const { text, headers } of await pages(metadata)) {
      expect(text).not.toMatch(/class="logo"|<footer|Privacy policy|Terms of service/)
      expect(headers.get('content-security-policy')).toContain("img-src 'self';")
    }
})

test.each([
  ['popup', 'narrow popup'],
  ['page', 'narrow'],
  ['touch', 'narrow'],
  ['wap', 'narrow'],
  ['<script>', 'narrow'],
])('OIDC Core §3.1.2.1: display=%s draws the pages in the frame "%s"', async (display, frame) => {
  for (const { text, status } of await pages({}, { display })) {
    expect(status).toBe(200)
    expect(text).toContain(`<div class="frame ${frame}">`)
  }
})
