import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpsSend } from './test-https.ts'
import { expectSignedOut, type LogoutHouse, openLogoutHouse, signInAt } from './test-logout-run.ts'

let house: LogoutHouse
beforeAll(async () => {
  house = await openLogoutHouse()
})
afterAll(() => house.close())

test('oidcc-backchannel-logout-discovery-endpoint-verification', () => {
  expect(house.server.metadata).toMatchObject({
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    end_session_endpoint: expect.stringMatching(/^https:/),
  })
})

test('oidcc-backchannel-rp-initiated-logout', async () => {
  const { server, party } = house
  const signedIn = await signInAt(house, 'conformance-backchannel')
  const { leftTo } = await signedIn.end()
  const told = await party.got('/backchannel_logout')
  expect([told.method, told.contentType]).toEqual(['POST', 'application/x-www-form-urlencoded'])
  const form = new URLSearchParams(told.body)
  expect([...form.keys()]).toEqual(['logout_token'])
  const jwks = await (await httpsSend()(new Request(String(server.metadata.jwks_uri)))).json()
  const token = form.get('logout_token') ?? ''
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer: server.issuer,
    audience: signedIn.clientId,
    currentDate: new Date(server.clock.now() * 1000),
  })
  expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'logout+jwt', alg: 'RS256', kid: expect.any(String) })
  expect(payload).toMatchObject({ iat: server.clock.now(), jti: expect.any(String), sub: signedIn.claims.sub })
  expect(payload.sid).toBe(signedIn.claims.sid)
  expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} })
  expect(payload).not.toHaveProperty('nonce')
  await expectSignedOut(signedIn, leftTo)
})
