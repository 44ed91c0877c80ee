import { createAdminPages } from '@latchkey/admin'
import { client, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { signedIn } from '../test-browser.ts'

const loose = client({
  client_id: 'loose',
  client_name: 'Loose <Ends>',
  client_secret: 'a-secret-of-enough-characters-for-this',
  redirect_uris: ['https://loose.example.com/cb'],
  require_pkce: false,
})

async function page(standard: string, options: Parameters<typeof testProvider>[0] = {}) {
  const { provider } = await testProvider({ clients: [loose], pages: [createAdminPages()], ...options })
  const browser = await signedIn(provider, 'root')
  return (await browser.open(`/admin/conformance?standard=${encodeURIComponent(standard)}`)).text
}

test('names what falls short of each standard, with the section and the fix', async () => {
  const oauth = await page('OAuth 2.1')
  expect(oauth).toContain('Loose &lt;Ends&gt;')
  expect(oauth).toContain('Its authorization requests need no PKCE.')
  expect(oauth).toContain('Set require_pkce to true.')
  expect(oauth).toContain('RFC 9700 §2.1.1')
  const fapi = await page('FAPI 2.0')
  expect(fapi).toContain('It authenticates with client_secret_basic.')
  expect(fapi).toContain('Authorization requests need not be pushed.')
  expect(await page('MCP')).toContain('Clients that nobody knows beforehand cannot come.')
})

test('says so where nothing falls short, as the profile treats the clients', async () => {
  const mcp = await page('MCP', { profile: 'mcp', clients: [client({ ...loose, require_pkce: true })] })
  expect(mcp).toContain('profile <code>mcp</code>')
  expect(mcp.match(/Nothing falls short/g)).toHaveLength(2)
})

test('is for administrators alone', async () => {
  const { provider } = await testProvider({ clients: [loose], pages: [createAdminPages()] })
  const browser = await signedIn(provider, 'alice')
  expect((await browser.open('/admin/conformance')).status).toBe(403)
})
