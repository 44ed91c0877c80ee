import { writeFileSync } from 'node:fs'
import { ConfigError } from '@latchkey/protocol'
import type { Tour } from './tour.ts'

/** The identifier of the demo's API: a name, not the address it runs at. @spec RFC 8707 §2 */
export const audience = 'https://api.example.com'
export const angularClientId = 'demo-angular'
export const reactClientId = 'demo-react'
export const bffClientId = 'demo-bff'
export const apiClientId = 'demo-api'

/** Where the provider's configuration stands; written anew at each start, because ports may move. */
export function configFile(folder: string): string {
  return `${folder}/config.json`
}

export function writeDemoConfig({ folder, addresses, state }: Pick<Tour, 'folder' | 'addresses' | 'state'>): void {
  const { provider, angular, react, bff } = addresses
  const config = {
    issuer: provider,
    listen: { host: '127.0.0.1', port: Number(new URL(provider).port) },
    store: { sqlite: 'latchkey.db' },
    lifetimes: readLifetimes(process.env.TOUR_ACCESS_TOKEN_SECONDS),
    clients: [
      pageClient(angularClientId, 'Angular demo', angular),
      pageClient(reactClientId, 'React demo', react),
      bffClient([bff, asLocalhost(bff), asReactHost(bff)], state.bffClientSecret),
      apiClient(state.apiClientSecret),
    ],
    users: [
      {
        username: 'alice',
        password: state.alicePassword,
        claims: {
          name: 'Alice Doe',
          given_name: 'Alice',
          family_name: 'Doe',
          preferred_username: 'alice',
          email: 'alice@example.com',
          email_verified: true,
        },
      },
      {
        username: 'admin',
        password: state.adminPassword,
        admin: true,
        claims: { name: 'Adam Min', preferred_username: 'admin', email: 'admin@example.com', email_verified: true },
      },
    ],
    resources: [
      {
        identifier: audience,
        name: 'Example API',
        scopes: ['read:messages'],
        scope_descriptions: { 'read:messages': 'Read your messages' },
      },
    ],
    log: 'json',
  }
  writeFileSync(configFile(folder), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
}

function readLifetimes(seconds: string | undefined): object {
  if (seconds === undefined || seconds === '') return {}
  if (/^[1-9]\d{0,8}$/.test(seconds)) return { access_token: Number(seconds) }
  throw new ConfigError([`TOUR_ACCESS_TOKEN_SECONDS must be a whole number of seconds, not "${seconds}"`])
}

/** People also type this name; it is another origin, so it is registered beside the address. */
export function asLocalhost(origin: string): string {
  return origin.replace('127.0.0.1', 'localhost')
}

/** The name at which the BFF answers with the React app. */
export function asReactHost(origin: string): string {
  return origin.replace('127.0.0.1', 'react.localhost')
}

/** An application whose tokens live in the page. */
function pageClient(id: string, name: string, origin: string): object {
  const origins = [origin, asLocalhost(origin)]
  return {
    client_id: id,
    client_name: name,
    token_endpoint_auth_method: 'none',
    redirect_uris: origins.flatMap((origin) =>
      ['/callback', '/silent-callback.html', '/popup-callback.html'].map((path) => origin + path),
    ),
    post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: 'openid profile email offline_access',
  }
}

function bffClient(origins: readonly string[], secret: string): object {
  return {
    client_id: bffClientId,
    client_secret: secret,
    client_name: 'BFF demo',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: origins.map((origin) => `${origin}/bff/callback`),
    post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: 'openid profile email offline_access',
  }
}

/** The API itself: it reads what was revoked, and asks about tokens for it. */
function apiClient(secret: string): object {
  return {
    client_id: apiClientId,
    client_secret: secret,
    client_name: 'API demo',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [],
    resources: [audience],
    revocation_feed: true,
  }
}
