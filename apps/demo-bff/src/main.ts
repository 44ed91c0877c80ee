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

/** The page at the server's address; and, where it was built, the Angular demo at its name, with a cookie of its own. */
function createCore(settings: DemoSettings, origin: string): BffDoor {
  const page = optionsOf(settings, origin)
  const folder = settings.angularFolder
  if (!existsSync(`${folder}/index.html`)) return createBff(page)
  const headers = securityHeaders(settings, 'angular angular#bundler')
  const angular = { ...page, baseUrl: asLocalhost(origin), site: { folder, headers } }
  return createFrontEnds({ page: { ...page, cookie: { name: 'latchkey' } }, angular })
}

function asLocalhost(origin: string): string {
  return `http://localhost:${new URL(origin).port}`
}

/** What the Angular demo reads at its start: that tokens are not its affair. */
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
