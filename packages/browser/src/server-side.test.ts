import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createAuth } from './index.ts'
import { inertPlatform } from './platform/inert-platform.ts'

const here = dirname(fileURLToPath(import.meta.url))

test('importing any module on a server touches no global, starts no timer and opens nothing', () => {
  const modules = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/(^|\/)test-|\.test\.ts$|simulated|worker-script/.test(name),
  )
  const script = `
    const before = Object.getOwnPropertyNames(globalThis).join()
    globalThis.setTimeout = globalThis.setInterval = () => { throw new Error('a timer at import') }
    globalThis.fetch = () => { throw new Error('a request at import') }
    for (const name of ${JSON.stringify(modules)}) await import(${JSON.stringify(`${here}/`)} + name)
    if (Object.getOwnPropertyNames(globalThis).join() !== before) throw new Error('a global was added')
    console.log('imported ' + ${modules.length})
  `
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
  const told = execFileSync(process.execPath, options, { encoding: 'utf8', cwd: join(here, '..') })
  expect(told).toContain(`imported ${modules.length}`)
  expect(modules.length).toBeGreaterThan(30)
})

test('on a server every call ends without a request: nobody is signed in, and nothing is known', async () => {
  const asked: unknown[] = []
  const runtime = { ...inertPlatform.runtime, fetch: async () => asked.push(1) as never }
  const auth = createAuth(
    { issuer: 'https://id.example.com', clientId: 'app', secureRoutes: ['/api'] },
    { ...inertPlatform, runtime },
  )
  expect(await auth.start()).toEqual({ status: 'unknown' })
  expect([await auth.getAccessToken(), await auth.fetchUserInfo(), auth.peekAccessToken(), auth.getTokens()]).toEqual([
    null,
    null,
    null,
    null,
  ])
  expect(await auth.signInSilently()).toBe(false)
  await Promise.all([auth.signIn(), auth.signOut(), auth.revoke('refresh_token')])
  auth.dispose()
  expect([asked, auth.state]).toEqual([[], { status: 'unknown' }])
})
