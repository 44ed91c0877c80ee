import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { ConfigError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createApp } from './create-app.ts'
import { readSettings } from './settings.ts'

const root = fileURLToPath(new URL('../dist', import.meta.url))

function start(): void {
  const settings = readSettings(process.env)
  if (!existsSync(`${root}/index.html`)) {
    throw new ConfigError(['the application is not built: run "npm run build -w apps/demo-angular"'])
  }
  const app = createApp({ settings, runtime: systemRuntime, root })
  const server = serve({ fetch: app.fetch, port: settings.port, hostname: settings.host }, ({ port }) => {
    process.stdout.write(`ready http://${settings.host}:${port}\n`)
  })
  server.on('error', (error) => fail(`Port ${settings.port} on ${settings.host} cannot be used: ${error.message}`))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0))
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}

try {
  start()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  fail(error.message)
}
