import { type ClientMetadata, readClientMetadata } from '@latchkey/protocol'
import type { Resource } from '@latchkey/provider'

/** The API whose access tokens are JWTs. */
export const testApi = 'https://api.example.com'
/** The API whose access tokens are opaque. */
export const testOpaqueApi = 'https://opaque.example.com'

export const testResources: readonly Resource[] = [
  {
    identifier: testApi,
    name: 'Example API',
    scopes: ['read:messages', 'write:messages'],
    access_token_format: 'jwt',
    access_token_signing_alg: 'ES256',
  },
  {
    identifier: testOpaqueApi,
    name: 'Opaque API',
    scopes: ['read:notes'],
    access_token_format: 'opaque',
    access_token_signing_alg: 'ES256',
  },
]

/** Secrets of the test clients, by client_id. */
export const testSecrets: Readonly<Record<string, string>> = {
  web: 'web-secret-web-secret-web-secret',
  post: 'post-secret-post-secret-post-secret',
  machine: 'machine-secret-machine-secret',
  api: 'api-secret-api-secret-api-secret',
}

const redirect_uris = ['https://app.example.com/cb', 'https://app.example.com/other']

/**
 * - `web`: confidential, signs people in, HTTP Basic; `post`: the same with the secret in the body and without PKCE.
 * - `spa`: public. `machine`: acts for itself. `api`: stands for the JWT API at introspection.
 */
export const testClients: readonly ClientMetadata[] = [
  client({ client_id: 'web', grant_types: ['authorization_code', 'refresh_token'], redirect_uris }),
  client({
    client_id: 'post',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris,
    token_endpoint_auth_method: 'client_secret_post',
    require_pkce: false,
  }),
  client({
    client_id: 'spa',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://spa.example.com/cb'],
    token_endpoint_auth_method: 'none',
  }),
  client({ client_id: 'machine', grant_types: ['client_credentials'], scope: 'jobs:run' }),
  client({ client_id: 'api', grant_types: [], resources: [testApi] }),
]

/** A client with defaults filled in, as the registry reads it. */
export function client(input: Partial<ClientMetadata> & { readonly client_id: string }): ClientMetadata {
  const secret = testSecrets[input.client_id]
  const read = readClientMetadata(secret === undefined ? input : { client_secret: secret, ...input })
  if ('problems' in read) throw new Error(`client ${input.client_id}: ${read.problems.join('; ')}`)
  return read.client
}
