import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChildProgram, root, startProgram } from '../../processes/child-program.ts'

export const alice = { username: 'alice', password: 'correct horse battery' }
export const secret = 'a-secret-that-is-long-enough'
export const redirectUri = 'http://127.0.0.1:9/cb'
export const api = 'https://api.example.com'

export interface HouseOptions {
  readonly folder: string
  readonly issuer: string
  readonly store: unknown
  /** So many clients wait to be consented to. */
  readonly consents: number
  /** Where a client hears that a session ended. */
  readonly toldAt?: string
  /** A checkout of another version, with its dependencies; this one unless given. */
  readonly checkout?: string
  /** Members of the configuration that stand in for the usual ones. */
  readonly more?: object
}

/** `latchkey serve` on this port. Resolves when it is ready. */
export async function startNode(options: HouseOptions, port: number): Promise<ChildProgram> {
  const serve = ['serve', '--config', writeConfig(options, port)]
  const program = startProgram('packages/cli/src/main.ts', { args: serve, checkout: options.checkout ?? root })
  await program.line(/Latchkey is ready/)
  return program
}

/** @returns the file */
export function writeConfig(options: HouseOptions, port: number): string {
  const file = join(options.folder, `node-${port}.json`)
  writeFileSync(file, JSON.stringify(configOf(options, port)))
  return file
}

function configOf({ issuer, store, consents, toldAt, more }: HouseOptions, port: number) {
  const web = (client_id: string) => ({
    client_id,
    client_secret: secret,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid offline_access',
    require_pkce: false,
  })
  return {
    issuer,
    listen: { host: '127.0.0.1', port },
    store,
    encryption_key_file: 'latchkey.key',
    log: 'none',
    // What is presented again at the end of a long drive must still be known.
    lifetimes: { access_token: 86_400, authorization_code: 86_400, refresh_token_grace: 3600 },
    users: [alice],
    resources: [{ identifier: api, name: 'API', scopes: [], access_token_format: 'opaque' }],
    clients: [
      { client_id: 'machine', client_secret: secret, grant_types: ['client_credentials'], resources: [api] },
      ...Array.from({ length: consents + 1 }, (_, number) => web(`web-${number}`)),
      ...(toldAt === undefined ? [] : [{ ...web('told'), require_consent: false, backchannel_logout_uri: toldAt }]),
    ],
    ...more,
  }
}
