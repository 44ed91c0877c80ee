import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BffDoor, type BffEvent, type BffOptions, createBff, createFrontEnds } from '@latchkey/bff'
import { createSqliteSessionStore, openSqlite } from '@latchkey/store-sql'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { securityHeaders } from '@latchkey-apps/demo-spa/security-headers'
import { createApp } from './create-app.ts'
import { type DemoSettings, readDemoSettings } from './settings.ts'

const settings = orFail(() => readDemoSettings(process.env))
const store = orFail(() => createSqliteSessionStore(openSqlite(settings.sessionDb)))
const server = createServer()
server.once('error', (error) => fail(`The demo cannot listen on ${settings.host}:${settings.port}: ${error.message}`))
server.listen(settings.port, settings.host, () => {
  const { port } = server.address() as AddressInfo
  const origin = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  const core = orFail(() => createCore(settings, origin))
  server.on('request', createApp(core, runtimeConfig(settings, origin)))
  console.log(`ready ${origin}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      core.close()
      server.close(() => store.close().then(() => process.exit(0)))
      server.closeAllConnections()
    })
  }
})

/** The page at the server's address; and, where they were built, the other demos at names of their own. */
function createCore(settings: DemoSettings, origin: string): BffDoor {
  const page = optionsOf(settings, origin)
  const applications = [
    { name: 'angular', host: 'localhost', folder: settings.angularFolder, trustedTypes: 'angular angular#bundler' },
    { name: 'react', host: 'react.localhost', folder: settings.reactFolder, trustedTypes: "'none'" },
  ].filter(({ folder }) => existsSync(`${folder}/index.html`))
  if (applications.length === 0) return createBff(page)
  const { port } = new URL(origin)
  const others = applications.map(({ name, host, folder, trustedTypes }) => {
    const site = { folder, headers: securityHeaders(settings, trustedTypes) }
    return [name, { ...page, baseUrl: `http://${host}:${port}`, site }] as const
  })
  return createFrontEnds({ page: { ...page, cookie: { name: 'latchkey' } }, ...Object.fromEntries(others) })
}

/** What the other demos read at their start: that tokens are not their affair. */
function runtimeConfig({ issuer, clientId, audience, apiUrl }: DemoSettings, origin: string): RuntimeConfig {
  return { mode: 'bff', issuer, clientId, audience, apiUrl, bffUrl: origin }
}

function optionsOf(settings: DemoSettings, origin: string): BffOptions {
  const { issuer, clientId, clientSecret, audience, apiUrl, sessionKey } = settings
  return {
    issuer,
    clientId,
    clientSecret,
    baseUrl: origin,
    insecureHttp: true,
    scope: 'openid profile email offline_access read:messages',
    resource: audience,
    store,
    sessionKey,
    routes: [{ match: '/api', target: `${apiUrl}/api`, token: 'user' }],
    clients: { apiClient: { baseAddress: `${apiUrl}/api` } },
    onEvent: log,
  }
}

/** What happened and to which session, never with what. */
function log(event: BffEvent): void {
  const session = 'session' in event ? ` session=${event.session.slice(0, 11)}` : ''
  const cause = 'cause' in event ? `: ${event.cause instanceof Error ? event.cause.message : 'unknown'}` : ''
  console.error(`${event.type}${session}${cause}`)
}

function orFail<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
