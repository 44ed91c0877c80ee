import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** `next build`, with the house's packages read from their source. */
const program = createRequire(import.meta.url).resolve('next/dist/bin/next')
const { status } = spawnSync(process.execPath, [program, 'build', '--webpack'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, NODE_OPTIONS: '--conditions=source', NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
