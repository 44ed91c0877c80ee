import '@angular/compiler'
import { APP_INITIALIZER, importProvidersFrom } from '@angular/core'
import { ConfigError } from '@latchkey/browser'
import { appClient, openWorld } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { AuthModule } from './auth-module.ts'
import { OidcSecurityService } from './oidc-security-service.ts'
import { provideAuth } from './provide-auth.ts'
import { withAppInitializerAuthCheck } from './provide-latchkey.ts'
import { openSimulatedApp } from './simulated/simulated-app.ts'

const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })] })
const config = { authority: 'https://id.example.com', clientId: 'app' }

async function openPage() {
  const world = await openWorld({ seed: 3, openProvider })
  return { world, platform: await world.run(world.browser.openTab('https://app.test/').page()) }
}

test('provideAuth refuses a wrong configuration where it is written, before anything runs', () => {
  expect(() => provideAuth({ config: { ...config, authority: '' } })).toThrow(ConfigError)
  expect(() => AuthModule.forRoot({ config: { ...config, clientId: '' } })).toThrow(ConfigError)
})

test('AuthModule.forRoot provides the same as provideAuth', async () => {
  const { platform } = await openPage()
  const app = openSimulatedApp(platform, [importProvidersFrom(AuthModule.forRoot({ config }))])
  expect(app.get(OidcSecurityService).auth().config).toMatchObject({ issuer: config.authority, clientId: 'app' })
})

test('AuthModule without forRoot says what to import', async () => {
  const { platform } = await openPage()
  expect(() => openSimulatedApp(platform, [importProvidersFrom(AuthModule)])).toThrow('AuthModule.forRoot({ config })')
})

test('withAppInitializerAuthCheck has Angular wait until it is known who is there', async () => {
  const { platform, world } = await openPage()
  const app = openSimulatedApp(platform, [provideAuth({ config }, withAppInitializerAuthCheck())])
  const initializers = app.get(APP_INITIALIZER) as unknown as readonly (() => Promise<unknown>)[]
  expect(app.get(OidcSecurityService).state().status).toBe('unknown')
  await world.run(Promise.all(initializers.map((initialize) => initialize())))
  expect(app.get(OidcSecurityService).state().status).toBe('anonymous')
})

test('an application without provideAuth is told what is missing', async () => {
  const { platform } = await openPage()
  expect(() => openSimulatedApp(platform, []).get(OidcSecurityService)).toThrow(
    'provideAuth({ config }) is missing from the providers of the application',
  )
})

test('the end of the application closes its channels: it hears no sign-out of another tab any more', async () => {
  const world = await openWorld({ seed: 3, openProvider })
  const { tab, auth } = await world.signedIn()
  const platform = await world.run(world.browser.openTab('https://app.test/').page())
  const app = openSimulatedApp(platform, [provideAuth({ config })])
  const ended = app.get(OidcSecurityService).auth()
  expect(await world.run(ended.start())).toMatchObject({ status: 'authenticated' })
  app.destroy()
  await world.run(auth.signOut({ local: true }))
  await world.browser.time.advance(1)
  expect([auth.state.status, ended.state.status]).toEqual(['anonymous', 'authenticated'])
  tab.close()
})
