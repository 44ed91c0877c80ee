import { renderToString } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { AuthProvider } from './auth-provider.tsx'
import { RequireAuth } from './require-auth.tsx'
import { openReactWorld } from './test-world.tsx'
import { useAccessToken } from './use-access-token.ts'
import { type UseAuth, useAuth, useAuthFetch } from './use-auth.ts'

function Person() {
  const { status, claims, because } = useAuth()
  return (
    <p>
      {status} {String(claims?.preferred_username ?? '')} {because ?? ''}
    </p>
  )
}

function Watch({ see }: { readonly see: (auth: UseAuth) => void }) {
  see(useAuth())
  return null
}

function Token({ see = () => {} }: { readonly see?: (token: string | null) => void }) {
  const { accessToken } = useAccessToken()
  see(accessToken)
  return <p>{accessToken === null ? 'none' : 'some'}</p>
}

type AuthFetch = ReturnType<typeof useAuthFetch>

function Caller({ see }: { readonly see: (authFetch: AuthFetch) => void }) {
  see(useAuthFetch())
  return null
}

function Partner() {
  return <p>{useAuth('partners').status}</p>
}

const guarded = (
  <RequireAuth fallback={<p>waiting</p>} signedOut={<p>gone</p>}>
    <p>secret</p>
  </RequireAuth>
)

describe('AuthProvider', () => {
  test('says who is there: nobody at first, then the person who signed in', async () => {
    const nobody = await openReactWorld({ username: null })
    expect((await nobody.load(<Person />)).text()).toContain('anonymous')
    const alice = await openReactWorld()
    expect((await alice.signedIn(<Person />)).text()).toContain('authenticated')
  })

  test('in strict mode, where effects run twice, sends the code once and tells of the sign-in once', async () => {
    const { world, load, settled } = await openReactWorld()
    const before = await load(null, { address: 'https://app.test/notes?sort=date' })
    await settled(before.auth.signIn({ appState: { draft: 7 } }))
    const told: unknown[] = []
    const page = await load(<Person />, { onSignedIn: (auth) => told.push(auth.appState) })
    expect(page.text()).toContain('authenticated')
    expect(told).toEqual([{ draft: 7 }])
    expect(world.tokenRequests.map((form) => form.get('grant_type'))).toEqual(['authorization_code'])
  })

  test('tells every component when another tab signs the person out, and why', async () => {
    const { world, signedIn, settled } = await openReactWorld()
    const page = await signedIn(<Person />)
    const other = await world.open()
    await settled(other.auth.start())
    await page.during(() => settled(other.auth.signOut({ where: 'browser' })))
    await page.during(() => world.browser.time.advance(1))
    expect(page.text()).toBe('anonymous  signed-out-elsewhere')
  })

  test('reports that the provider is away, and finds out when asked again', async () => {
    let away = true
    const { load, world } = await openReactWorld({
      between: (request, send) => (away ? Promise.reject(new TypeError('failed to fetch')) : send(request)),
    })
    let seen: UseAuth | undefined
    const page = await load(
      <Watch
        see={(auth) => {
          seen = auth
        }}
      />,
    )
    expect(seen).toMatchObject({ isLoading: false, error: { retryable: true } })
    away = false
    await page.during(async () => {
      seen?.retry()
      await world.browser.time.advance(30)
    })
    expect(seen?.error).toBeNull()
  })

  test('a sign-in that the provider refused is no error of the person who signs in later, asked again or not', async () => {
    const { world, tab, load, settled } = await openReactWorld()
    const before = await load(null)
    await settled(before.auth.signIn())
    await settled(tab.page())
    world.browser.cookies.clear()
    let seen: UseAuth | undefined
    const page = await load(
      <Watch
        see={(auth) => {
          seen = auth
        }}
      />,
      { address: tab.href.replace(/code=[^&]*/, 'error=access_denied') },
    )
    expect(seen).toMatchObject({ status: 'anonymous', error: { oauthError: 'access_denied' } })
    await page.during(async () => {
      await world.signedIn()
      await world.browser.time.advance(1)
    })
    expect(seen).toMatchObject({ status: 'authenticated', error: null })
    await page.during(async () => {
      seen?.retry()
      await world.browser.time.advance(1)
    })
    expect(seen?.error).toBeNull()
  })
})

describe('RequireAuth', () => {
  test('sends a stranger to sign in, once, and shows the page to who comes back', async () => {
    const { tab, load, settled } = await openReactWorld()
    await load(guarded, { address: 'https://app.test/notes' })
    await settled(tab.page())
    expect(tab.visited.filter((url) => url.includes('/authorize?')).length).toBe(1)
    const page = await load(guarded)
    expect([page.text(), tab.href]).toEqual(['secret', 'https://app.test/notes'])
  })

  test('a sign-in that the provider refused is shown, and does not go round in a circle', async () => {
    const { tab, world, load, settled } = await openReactWorld()
    const before = await load(null)
    await settled(before.auth.signIn({ extraParameters: { claims: 'no JSON' } }))
    const page = await load(guarded)
    const left = tab.visited.length
    await page.during(async () => {})
    expect(page.text()).toContain('Signing in did not work')
    expect(tab.visited.length).toBe(left)
    await page.click('Try again')
    await page.during(() => world.browser.time.advance(1))
    expect(tab.visited.length).toBe(left + 1)
  })

  test('shows the way on to somebody who comes back from the provider by the back button, to the page as it was', async () => {
    const { tab, world, load, settled } = await openReactWorld()
    const page = await load(guarded, { address: 'https://app.test/notes' })
    await settled(tab.page())
    expect(page.text()).toBe('waiting')
    await page.during(async () => {
      window.dispatchEvent(Object.assign(new window.Event('pageshow'), { persisted: true }))
    })
    expect(page.text()).toContain('the sign-in was left before it was done')
    const left = tab.visited.length
    await page.click('Try again')
    await page.during(() => world.browser.time.advance(1))
    expect(tab.visited.length).toBe(left + 1)
  })

  test('does not send somebody who signs out on the page to sign in again', async () => {
    const { tab, signedIn, settled } = await openReactWorld()
    const page = await signedIn(guarded)
    expect(page.text()).toBe('secret')
    const left = tab.visited.length
    await page.during(() => settled(page.auth.signOut({ where: 'browser', revoke: false })))
    expect([page.text(), tab.visited.length]).toEqual(['gone', left])
  })

  test('leaves the page as it is when the session is revoked on it: work may be unsaved', async () => {
    const { tab, signedIn, settled } = await openReactWorld()
    const page = await signedIn(
      <>
        {guarded}
        <Person />
      </>,
    )
    const left = tab.visited.length
    await page.during(() => settled(page.auth.revoke('refresh_token')))
    expect([page.text(), tab.visited.length]).toEqual(['secretanonymous  revoked', left])
  })

  test('RFC 9470 §4: asks once for what a page needs more, and says so to a person who came back without it', async () => {
    const { tab, signedIn, load, settled } = await openReactWorld()
    const page = (
      <RequireAuth acrValues={['urn:example:stronger']} insufficient={<p>not allowed</p>} fallback={<p>waiting</p>}>
        <p>secret</p>
      </RequireAuth>
    )
    const before = await signedIn(<Person />)
    await before.unmount()
    await load(page)
    await settled(tab.page())
    expect(tab.visited.at(-1)).toContain('acr_values=urn%3Aexample%3Astronger')
    const left = tab.visited.length
    const back = await load(page)
    expect(back.text()).toBe('not allowed')
    expect(tab.visited.length).toBe(left)
  })
})

describe('useAccessToken', () => {
  test('has the current token, and the next one after a renewal', async () => {
    const { world, signedIn, settled } = await openReactWorld()
    const seen: (string | null)[] = []
    const see = (accessToken: string | null) => {
      if (accessToken !== seen.at(-1)) seen.push(accessToken)
    }
    const page = await signedIn(<Token see={see} />)
    const first = page.auth.peekAccessToken()
    await page.during(() => settled(page.auth.getAccessToken({ forceRenewal: true })))
    await page.during(() => world.browser.time.advance(0))
    expect(seen).toEqual([null, first, page.auth.peekAccessToken()])
    expect(new Set(seen).size).toBe(3)
  })

  test('has none for a stranger, and forgets it at sign-out', async () => {
    const { signedIn, settled } = await openReactWorld()
    const page = await signedIn(<Token />)
    expect(page.text()).toBe('some')
    await page.during(() => settled(page.auth.signOut({ where: 'browser', revoke: false })))
    expect(page.text()).toBe('none')
  })
})

describe('useAuthFetch', () => {
  test('is one function for all renderings, and carries the token to the API', async () => {
    const { world, signedIn, settled } = await openReactWorld()
    const functions: AuthFetch[] = []
    const see = (authFetch: AuthFetch) => functions.push(authFetch)
    const page = await signedIn(<Caller see={see} />)
    await page.render(<Caller see={see} />)
    const [authFetch] = functions
    const answer = await settled(Promise.resolve(authFetch?.('https://api.example.com/notes')))
    expect([answer?.status, new Set(functions).size]).toEqual([200, 1])
    expect(world.apiSaw).toEqual([`Bearer ${page.auth.peekAccessToken()}`])
  })
})

describe('on a server', () => {
  test('renders what is shown while it is unknown who is there, and sends nothing', async () => {
    const { world, load } = await openReactWorld()
    const { auth, unmount } = await load(null)
    await unmount()
    const before = world.tokenRequests.length
    const html = renderToString(
      <AuthProvider auth={auth}>
        {guarded}
        <Person />
      </AuthProvider>,
    )
    expect(html).toContain('waiting')
    expect(html).toContain('unknown')
    expect(html).not.toContain('secret')
    expect(world.tokenRequests.length).toBe(before)
  })
})

describe('a mistake', () => {
  test('a hook outside of AuthProvider names what is missing', () => {
    expect(() => renderToString(<Person />)).toThrow('<AuthProvider auth={auth}> is missing above this component')
  })

  test('a configId that was not given names those that were', async () => {
    const { load } = await openReactWorld()
    const { auth } = await load(null)
    expect(() =>
      renderToString(
        <AuthProvider auth={[auth]}>
          <Partner />
        </AuthProvider>,
      ),
    ).toThrow('configId: "partners" is not among what <AuthProvider> was given: "default"')
  })
})
