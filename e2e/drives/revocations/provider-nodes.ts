import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChildProgram, startProgram } from '../../processes/child-program.ts'

export const audience = 'https://api.example.com'
export const secret = 'a-secret-that-is-long-enough'

export interface ProviderNodes {
  readonly ports: readonly number[]
  /** `kill -9`; resolves when it is gone. */
  kill(index: number): Promise<void>
  start(index: number): Promise<void>
  stop(): Promise<void>
}

interface Setting {
  readonly folder: string
  readonly issuer: string
  readonly store: unknown
  readonly ports: readonly number[]
}

/** Nodes of one provider; the first makes the key file that all share. */
export async function startProviderNodes(setting: Setting): Promise<ProviderNodes> {
  const running: ChildProgram[] = []
  async function start(index: number): Promise<void> {
    const port = setting.ports[index] ?? 0
    const file = join(setting.folder, `node-${port}.json`)
    writeFileSync(file, JSON.stringify(configOf(setting, port)))
    const node = startProgram('packages/cli/src/main.ts', { args: ['serve', '--config', file] })
    await node.line(/Latchkey is ready/)
    running[index] = node
  }
  for (const index of setting.ports.keys()) await start(index)
  return {
    ports: setting.ports,
    start,
    kill: async (index) => void (await running[index]?.stop('SIGKILL')),
    stop: async () => void (await Promise.all(running.map((node) => node.stop()))),
  }
}

function configOf({ issuer, store }: Setting, port: number) {
  const client = (client_id: string, more: object) => ({ client_id, client_secret: secret, ...more })
  return {
    issuer,
    listen: { host: '127.0.0.1', port },
    store,
    encryption_key_file: 'latchkey.key',
    log: 'none',
    resources: [{ identifier: audience, name: 'API', scopes: [] }],
    clients: [
      client('guard', { grant_types: [], revocation_feed: true }),
      client('machine', { grant_types: ['client_credentials'] }),
    ],
  }
}

/** A JWT of a client for itself, from this node. */
export async function issue(port: number): Promise<string> {
  const answer = await post(port, '/token', { grant_type: 'client_credentials', resource: audience })
  return ((await answer.json()) as { access_token: string }).access_token
}

export async function revoke(port: number, token: string): Promise<void> {
  await post(port, '/revoke', { token })
}

async function post(port: number, path: string, form: Record<string, string>): Promise<Response> {
  const headers = { authorization: `Basic ${btoa(`machine:${secret}`)}` }
  const body = new URLSearchParams(form)
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body })
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response
}
