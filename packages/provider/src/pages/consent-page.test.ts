import { expect, test } from 'vitest'
import { defaultLifetimes } from '../config.ts'
import { type ConsentPageOptions, consentPage } from './consent-page.ts'

const options: ConsentPageOptions = {
  clientName: 'Acme Notes',
  client: {
    client_id: 'acme',
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token_requires_offline_access: false,
  },
  redirectUri: 'https://notes.example/cb',
  scope: ['openid', 'profile'],
  resources: [],
  lifetimes: defaultLifetimes,
  providerHost: 'id.example.com',
  username: 'alice',
  action: '/i/consent',
  switchHref: '/i/sign-in',
  formToken: 't',
  basePath: '',
  formTargets: ['https:'],
}
const text = (changes: Partial<ConsentPageOptions> = {}) => consentPage({ ...options, ...changes }).text()

test('it says for how long and how to take it back, from what is in force', async () => {
  expect(await text()).toContain('Lasts up to 90 days, and ends after 14 days without use.')
  expect(await text()).toContain('sign out of Acme Notes or of id.example.com.')
  expect(await text({ scope: ['openid', 'offline_access'] })).toContain('sign out of Acme Notes.')
  const once = { ...options.client, grant_types: ['authorization_code'] }
  expect(await text({ client: once })).toContain('Lasts 1 hour, then Acme Notes has to ask again.')
  const waits = { ...options.client, refresh_token_requires_offline_access: true }
  expect(await text({ client: waits })).toContain('Lasts 1 hour')
})

test('the host of the redirect URI stands in plain text, also for apps and this computer', async () => {
  expect(await text()).toContain('<p class="host">notes.example</p>')
  expect(await text({ redirectUri: 'com.example.app:/cb' })).toContain('An app on this device (com.example.app)')
  expect(await text({ redirectUri: 'http://127.0.0.1:4200/cb' })).toContain('127.0.0.1:4200 (this computer)')
})

test('a logo opens the policy for its own origin alone; a broken one leaves the initial', async () => {
  const withLogo = consentPage({ ...options, client: { ...options.client, logo_uri: 'https://cdn.example/a.png' } })
  expect(withLogo.headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.example;")
  const broken = consentPage({ ...options, client: { ...options.client, logo_uri: 'https://' } })
  expect(broken.headers.get('content-security-policy')).toContain("img-src 'self';")
  expect(await broken.text()).toContain('<span class="initial" aria-hidden="true">A</span>')
})

test('names that someone else chose are escaped', async () => {
  const page = await text({ clientName: '<img src=x>', username: '"><script>', scope: ['<b>'] })
  expect(page).not.toMatch(/<img src=x|"><script>|<b>/)
})
