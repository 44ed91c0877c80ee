import { encodeBase64url, type Runtime } from '@latchkey/protocol'

/** A configuration that works as it stands; its secret and its password are fresh each time. */
export function exampleConfig(runtime: Runtime): string {
  const random = (length: number): string => encodeBase64url(runtime.randomBytes(length))
  const example = {
    issuer: 'http://127.0.0.1:8000',
    listen: { host: '127.0.0.1', port: 8000 },
    store: { sqlite: 'latchkey.db' },
    lifetimes: {
      access_token: 3600,
      id_token: 600,
      authorization_code: 60,
      refresh_token_idle: 1_209_600,
      refresh_token_absolute: 7_776_000,
    },
    clients: [
      {
        client_id: 'web',
        client_secret: random(32),
        client_name: 'Web',
        redirect_uris: ['http://127.0.0.1:9000/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        scope: 'openid profile email offline_access',
        token_endpoint_auth_method: 'client_secret_basic',
        require_pkce: true,
        require_consent: true,
      },
    ],
    users: [
      {
        username: 'alice',
        password: random(12),
        admin: true,
        claims: { name: 'Alice Doe', email: 'alice@example.com', email_verified: true },
      },
    ],
    resources: [
      {
        identifier: 'https://api.example.com',
        name: 'Example API',
        scopes: ['read:messages'],
        scope_descriptions: { 'read:messages': 'Read your messages' },
        access_token_format: 'jwt',
        access_token_signing_alg: 'ES256',
      },
    ],
  }
  return `${JSON.stringify(example, null, 2)}\n`
}
