import { newPerson, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'
import type { ProviderSite, SiteSession } from './config.ts'
import { checkFormToken } from './site.ts'

/** A provider with one page beside its own, which shows who is signed in or sends them to sign in. */
async function withPage(options: { returnTo?: string } = {}) {
  const sessions: SiteSession[] = []
  const answer = async (request: Request, site: ProviderSite) => {
    const session = await site.currentSession(request)
    if (session === null)
      return site.signIn(request, { returnTo: options.returnTo ?? '/desk?tab=1', clientName: 'The desk' })
    sessions.push(session)
    return site.page({ title: 'Desk', body: `Hello ${session.username}`, wide: true })
  }
  const kit = await testProvider({
    pages: [(request, site) => (new URL(request.url).pathname === '/desk' ? answer(request, site) : null)],
  })
  return { ...kit, person: newPerson(kit.provider), sessions }
}

test('a page of the house signs a person in and has them back where they were', async () => {
  const { person, sessions } = await withPage()
  const page = await person.open('/desk')
  expect(page.path).toMatch(/^\/interaction\//)
  const back = await person.post(`${page.path}/sign-in`, { username: 'root' })
  expect(back.path).toBe('/desk?tab=1')
  expect(back.text).toContain('Hello root')
  expect(sessions[0]).toMatchObject({ sub: 'root-1', username: 'root', admin: true })
})

test('the way back is a path of this site and nothing else', async () => {
  for (const returnTo of ['https://evil.example/', '//evil.example', '/\\evil.example', 'desk', '/a b', '/a\nb', '']) {
    const { person, events } = await withPage({ returnTo })
    expect((await person.open('/desk')).status, returnTo).toBe(500)
    expect(events.at(-1)?.detail).toContain('returnTo must be a path of this site')
  }
})

test('a form token is that of its own session only', async () => {
  const { person, sessions, provider } = await withPage()
  for (const who of [person, newPerson(provider)]) {
    const page = await who.open('/desk')
    await who.post(`${page.path}/sign-in`, { username: 'alice' })
  }
  const [mine, other] = sessions
  if (mine === undefined || other === undefined) throw new Error('two sessions were expected')
  expect(checkFormToken(mine, mine.formToken)).toBe(true)
  expect(checkFormToken(mine, other.formToken)).toBe(false)
  expect(checkFormToken(mine, undefined)).toBe(false)
  expect(checkFormToken(mine, '')).toBe(false)
})
