import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readGrantSettings, trustedIssuerKeys } from './grant-settings.ts'

function read(members: Record<string, unknown>) {
  const found: string[] = []
  const settings = readGrantSettings({ add: (path, what) => found.push(`${path}: ${what}`) }, members)
  return { settings, found }
}

test('without a word the device flow is on, and CIBA and foreign assertions are off', () => {
  expect(read({})).toEqual({ settings: { grantLifetimes: {}, deviceFlow: true, trustedIssuers: [] }, found: [] })
})

test('everything that was written is read', () => {
  const trusted = { issuer: 'https://p.example', jwks_uri: 'https://p.example/jwks', clients: ['a'], scope: 'x' }
  const { settings, found } = read({
    grant_lifetimes: { client_credentials: 60 },
    device_flow: false,
    ciba: true,
    trusted_issuers: [trusted],
  })
  expect(found).toEqual([])
  expect(settings).toEqual({
    grantLifetimes: { client_credentials: 60 },
    deviceFlow: false,
    ciba: {},
    trustedIssuers: [trusted],
  })
})

test('each mistake is named with its place', () => {
  const { found } = read({
    grant_lifetimes: { client_credential: 60, refresh_token: 0 },
    trusted_issuers: [{ jwks: { keys: 1 }, jwks_uri: 'https://p.example/jwks' }, { issuer: 'https://q.example' }],
  })
  expect(found).toEqual([
    expect.stringContaining('grant_lifetimes.client_credential: unknown key'),
    expect.stringContaining('grant_lifetimes.refresh_token: must be a whole number'),
    'trusted_issuers[0].issuer: is missing',
    expect.stringContaining('trusted_issuers[0]: needs its keys'),
    'trusted_issuers[0].jwks.keys: must be a list of public keys',
    expect.stringContaining('trusted_issuers[1]: needs its keys'),
  ])
})

test('the reference lists every key of a trusted issuer', () => {
  const reference = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8')
  const section = reference.split('\n## `trusted_issuers[]`\n')[1]?.split('\n## ')[0] ?? ''
  for (const key of trustedIssuerKeys) expect(section).toContain(`\`${key}\``)
})
