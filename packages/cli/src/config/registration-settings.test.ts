import { expect, test } from 'vitest'
import { readRegistrationSettings } from './registration-settings.ts'

function read(members: Record<string, unknown>) {
  const found: string[] = []
  const settings = readRegistrationSettings({ add: (path, what) => found.push(`${path}: ${what}`) }, members)
  return { settings, found }
}

test('what is left out stays out, so that the profile decides', () => {
  expect(read({})).toEqual({ settings: {}, found: [] })
  expect(read({ profile: 'mcp' }).settings).toEqual({ profile: 'mcp' })
})

test('registration is one word or an object', () => {
  expect(read({ client_registration: 'open' }).settings.registration).toEqual({ mode: 'open' })
  const token = 'an-initial-access-token-of-enough-length'
  const registration = { mode: 'initial_access_token', initial_access_tokens: [token], fixed: { require_pkce: false } }
  expect(read({ client_registration: registration }).settings.registration).toMatchObject({
    mode: 'initial_access_token',
    initialAccessTokens: [token],
    fixed: { require_pkce: false },
    perHour: 60,
  })
})

test('documents are on, off, or for some hosts', () => {
  expect(read({ client_id_metadata_documents: true }).settings.clientIdMetadataDocuments).toBe(true)
  expect(read({ client_id_metadata_documents: ['a.example'] }).settings.clientIdMetadataDocuments).toEqual({
    allowedHosts: ['a.example'],
  })
})

test.each([
  [{ profile: 'fapi' }, 'profile: must be one of "oauth2.1", "fapi2", "mcp"'],
  [{ client_registration: 'on' }, 'client_registration: must be one of'],
  [{ client_registration: {} }, 'client_registration.mode: is missing'],
  [{ client_registration: { mode: 'open', rate: 3 } }, 'client_registration.rate: unknown key'],
  [
    { client_registration: { mode: 'open', fixed: { client_secret: 'x' } } },
    'client_registration.fixed.client_secret: unknown key',
  ],
  [
    { client_registration: { mode: 'open', software_statement_issuers: [{ issuer: 'x' }] } },
    'issuers[0].jwks: must be',
  ],
  [{ client_id_metadata_documents: 'yes' }, 'client_id_metadata_documents: must be true or false'],
])('%j is refused: %s', (members, problem) => {
  expect(read(members).found.join()).toContain(problem)
})
