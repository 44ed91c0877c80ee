import { type Bff, createBff } from '@latchkey/bff'
import { createSqliteSessionStore, openSqlite } from '@latchkey/store-sql'
import { readDemoSettings } from './settings.ts'

/** Next loads a module once for each bundle; a process has one BFF. */
const kept = globalThis as { latchkeyDemoBff?: Bff }

/** Made with the first request: a build loads the routes too, and has no settings. */
export function core(): Bff {
  kept.latchkeyDemoBff ??= createCore()
  return kept.latchkeyDemoBff
}

function createCore(): Bff {
  const { issuer, clientId, clientSecret, audience, apiUrl, sessionDb, sessionKey, origin } = readDemoSettings(
    process.env,
  )
  return createBff({
    issuer,
    clientId,
    clientSecret,
    baseUrl: origin,
    insecureHttp: true,
    scope: 'openid profile email offline_access read:messages',
    resource: audience,
    store: createSqliteSessionStore(openSqlite(sessionDb)),
    sessionKey,
    routes: [{ match: '/api', target: `${apiUrl}/api`, token: 'user' }],
    clients: { apiClient: { baseAddress: `${apiUrl}/api` } },
  })
}
