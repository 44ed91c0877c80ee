import { randomInt } from 'node:crypto'
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

const [firstPort, portsForEach] = [10_000, 5_500]
/** Test workers run side by side, each with ports of its own. */
const ownPorts = firstPort + (Number(process.env.TEST_PARALLEL_INDEX ?? 0) % 4) * portsForEach

/**
 * A port that is free now, and below those that systems take for outgoing connections: else one of them may have it by the
 * time somebody listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ownPorts, ownPorts + portsForEach)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    await new Promise((resolve) => server.close(resolve))
    if (isFree) return port
  }
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
