import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import openid from 'express-openid-connect'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy, { type Profile, type VerifyCallback } from 'passport-openidconnect'
import { afterEach, expect, test } from 'vitest'
import { createTestBrowser, type ServedProvider, secret, servedProvider, webClient } from './served-provider.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** An Express application on a free port, made once its origin is known. */
async function serveApp(make: (origin: string) => Express): Promise<string> {
  let app: Express | undefined
  const server: Server = createServer((request, response) => app?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  closing.push(async () => server.closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  app = make(origin)
  return origin
}

/** Both ends have to know of the other before they start. */
async function setUp(
  make: (origin: string, issuer: string) => Express,
  changes: Parameters<typeof webClient>[1] = {},
): Promise<ServedProvider & { app: string }> {
  let later: Express | undefined
  const app = await serveApp(() => {
    const outer = express()
    outer.use((request, response, next) => (later === undefined ? next() : later(request, response)))
    return outer
  })
  const provider = await servedProvider(() => [webClient(app, changes)])
  closing.unshift(() => provider.close())
  later = make(app, provider.issuer)
  return { ...provider, app }
}

test('express-openid-connect: sign-in, userinfo, refresh and sign-out at the provider (OIDC Core §3.1; RP-Initiated Logout §2)', async () => {
  const { walk, app } = await setUp((origin, issuer) => {
    const server = express()
    server.use(
      openid.auth({
        issuerBaseURL: issuer,
        baseURL: origin,
        clientID: 'foreign',
        clientSecret: secret,
        secret: 'a-cookie-secret-of-enough-characters',
        authRequired: false,
        idpLogout: true,
        authorizationParams: { response_type: 'code', response_mode: 'query', scope: 'openid profile offline_access' },
        routes: { postLogoutRedirect: `${origin}/` },
      }),
    )
    server.get('/me', async (request, response) => {
      const { oidc } = request
      response.json({
        in: oidc.isAuthenticated(),
        sub: oidc.user?.sub,
        info: oidc.isAuthenticated() ? await oidc.fetchUserInfo() : null,
      })
    })
    server.get('/renew', async (request, response) => {
      const before = request.oidc.accessToken?.access_token
      const after = (await request.oidc.accessToken?.refresh())?.access_token
      response.json({ changed: before !== after && after !== undefined })
    })
    server.get('/', (_, response) => void response.send('home'))
    return server
  })
  const browser = createTestBrowser()
  const callback = await walk(browser, `${app}/login`, `${app}/callback`)
  await browser.open(callback.href)
  const me = async () => (await browser.open(`${app}/me`)).response.json()
  expect(await me()).toMatchObject({ in: true, sub: 'alice-1', info: { name: 'Alice Doe' } })
  expect(await (await browser.open(`${app}/renew`)).response.json()).toEqual({ changed: true })
  const left = await browser.open(`${app}/logout`)
  expect(left.url).toBe(`${app}/`)
  expect(await me()).toMatchObject({ in: false })
  expect(browser.seen.some(({ url }) => url.includes('/end-session?'))).toBe(true)
})

test('passport-openidconnect: sign-in without PKCE by state and nonce, refresh, and sign-out (OIDC Core §3.1)', async () => {
  const { walk, app, post, provider } = await setUp(passportApp, {
    require_pkce: false,
    token_endpoint_auth_method: 'client_secret_post',
  })
  const browser = createTestBrowser()
  const callback = await walk(browser, `${app}/login`, `${app}/callback`)
  const me = await (await browser.open(callback.href)).response.json()
  expect(me).toMatchObject({ id: 'alice-1', displayName: 'Alice Doe' })
  const renewed = await post('/token', 'foreign', { grant_type: 'refresh_token', refresh_token: me.refreshToken })
  expect(renewed.status).toBe(200)
  const query = new URLSearchParams({ id_token_hint: me.idToken, post_logout_redirect_uri: `${app}/` })
  const end = `${provider.metadata.end_session_endpoint}?${query}`
  expect((await browser.open(end, { stopAt: (url) => url === `${app}/` })).url).toBe(`${app}/`)
})

function passportApp(origin: string, issuer: string): Express {
  const server = express()
  const strategy = new OpenIDConnectStrategy(
    {
      issuer,
      authorizationURL: `${issuer}/authorize`,
      tokenURL: `${issuer}/token`,
      userInfoURL: `${issuer}/userinfo`,
      clientID: 'foreign',
      clientSecret: secret,
      callbackURL: `${origin}/callback`,
      scope: ['profile'],
      skipUserProfile: false,
    },
    (
      _issuer: string,
      profile: Profile,
      _context: object,
      idToken: string | object,
      _accessToken: string | object,
      refreshToken: string,
      done: VerifyCallback,
    ) => done(null, { ...profile, idToken, refreshToken }),
  )
  passport.use('openidconnect', strategy)
  server.use(session({ secret: 'a-session-secret', resave: false, saveUninitialized: false }))
  server.get('/login', passport.authenticate('openidconnect', { session: false }))
  server.get('/callback', passport.authenticate('openidconnect', { session: false }), (request, response) => {
    response.json(request.user)
  })
  return server
}
