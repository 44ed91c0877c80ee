import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildProgram, startProgram } from './child-program.ts'

export interface ProviderProcess extends ChildProgram {
  readonly issuer: string
}

/** A folder of its own for one test's configuration and data. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** `latchkey serve` with this configuration, once it says that it is ready. */
export async function startProvider(
  folder: string,
  config: { port: number; [key: string]: unknown },
  env: NodeJS.ProcessEnv = {},
): Promise<ProviderProcess> {
  const { port, ...rest } = config
  const issuer = `http://127.0.0.1:${port}`
  const file = join(folder, 'config.json')
  writeFileSync(
    file,
    JSON.stringify({
      issuer,
      listen: { host: '127.0.0.1', port },
      store: { sqlite: 'latchkey.db' },
      log: 'json',
      ...rest,
    }),
  )
  const program = startProgram('packages/cli/src/main.ts', { args: ['serve', '--config', file], env })
  await program.line(new RegExp(`^.*${issuer}.*$`, 'm'))
  return { ...program, issuer }
}
