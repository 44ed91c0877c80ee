import { createHash } from 'node:crypto'
import vm from 'node:vm'
import { expect, test } from 'vitest'
import { laterThanEs5 } from '../pages/test-es5.ts'
import { checkSessionScript } from './check-session-script.ts'

/** Runs the script as a frame does, in a page with these cookies. */
async function ask(message: unknown, cookies: string, origin = 'https://a.example.com'): Promise<string> {
  return new Promise((resolve) => {
    const source = { postMessage: (answer: string, to: string) => resolve(to === origin ? answer : 'sent elsewhere') }
    const page = {
      document: { cookie: cookies, documentElement: { getAttribute: () => 'state' } },
      window: {
        addEventListener: (_: string, listen: (event: object) => void) => listen({ data: message, origin, source }),
      },
    }
    vm.runInNewContext(checkSessionScript, page)
  })
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
const state = `${hash('a https://a.example.com abc salt')}.salt`

test('Session Management §3.2: "unchanged" while the cookie is the one of the state', async () => {
  expect(await ask(`a ${state}`, 'other=1; state=abc')).toBe('unchanged')
})

test('Session Management §3.2: "changed" for another cookie, none, another origin or another client', async () => {
  expect(await ask(`a ${state}`, 'state=xyz')).toBe('changed')
  expect(await ask(`a ${state}`, '')).toBe('changed')
  expect(await ask(`a ${state}`, 'state=abc', 'https://evil.example.com')).toBe('changed')
  expect(await ask(`b ${state}`, 'state=abc')).toBe('changed')
})

test.each([['a'], ['a b'], [''], [42], [null], [`a ${state}.more`]])(
  'Session Management §3.2: "error" for a message of another form: %s',
  async (message) => {
    expect(await ask(message, 'state=abc')).toBe('error')
  },
)

test('the script parses as ECMAScript 5, and needs nothing of the browser that came later', () => {
  expect(laterThanEs5(checkSessionScript)).toEqual([])
  expect(checkSessionScript).not.toMatch(/\b(crypto|TextEncoder|Promise|Uint8Array|dataset|btoa|replaceAll|includes)\b/)
})

test('its SHA-256 is the right one for texts of every length around a block, and beyond ASCII', async () => {
  const texts = Array.from({ length: 140 }, (_, length) => 'x'.repeat(length + 1))
  for (const clientId of [...texts, 'größe', '日本 🔑', 'y'.repeat(5000)]) {
    const asked = `${clientId} ${hash(`${clientId} https://a.example.com abc salt`)}.salt`
    expect([clientId, await ask(asked, 'state=abc')]).toEqual([clientId, 'unchanged'])
  }
})
