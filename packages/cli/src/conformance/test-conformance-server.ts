import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServerMetadata } from '@latchkey/protocol'
import {
  clientAuthority,
  newPerson,
  type Person,
  selfSignedCertificate,
  type TestClock,
  testRuntime,
} from '@latchkey/testing'
import { parseConfig } from '../config/read-config.ts'
import { serve } from '../serve.ts'
import { httpsSend } from './test-https.ts'

export interface ConformanceServer {
  readonly issuer: string
  readonly metadata: ServerMetadata
  readonly clock: TestClock
  /** A browser of its own, without JavaScript. */
  person(): Person
  close(): Promise<void>
}

const examples = fileURLToPath(new URL('../../../../docs/guides/conformance/', import.meta.url))

/** The account of the example configurations. */
export const alice = { username: 'alice', password: 'correct horse battery' }

/** What an example configuration of the guide says. */
export function exampleConfig(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(examples, name), 'utf8'))
}

/** The `latchkey serve` of an example, over https on a free loopback port, with a clock to move. */
export async function conformanceServer(config: Readonly<Record<string, unknown>>): Promise<ConformanceServer> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-conformance-'))
  writeFileSync(join(directory, 'ca.pem'), clientAuthority)
  writeFileSync(join(directory, 'key.pem'), selfSignedCertificate.key)
  writeFileSync(join(directory, 'cert.pem'), selfSignedCertificate.cert)
  const listen = { host: '127.0.0.1', port: 0, tls: { key: 'key.pem', cert: 'cert.pem' } }
  const text = JSON.stringify({ ...config, issuer: 'https://127.0.0.1:0', listen, store: 'memory', log: 'none' })
  const runtime = testRuntime()
  const server = await serve(parseConfig({ name: 'conformance.json', text, directory, environment: {} }), { runtime })
  const send = httpsSend()
  const told = await send(new Request(`${server.issuer}/.well-known/openid-configuration`))
  return {
    issuer: server.issuer,
    metadata: (await told.json()) as ServerMetadata,
    clock: runtime.clock,
    person: () => newPerson({ issuer: server.issuer, fetch: send }),
    async close() {
      await server.close()
      rmSync(directory, { recursive: true })
    },
  }
}
