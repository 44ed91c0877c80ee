import { existsSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { ConfigError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createApp } from './create-app.ts'
import { readSettings } from './settings.ts'

export interface ServeOptions {
  /** The folder with the built application. */
  readonly root: string
  /** Its workspace, for the message that tells how to build it. */
  readonly workspace: string
  /** Unless PORT says otherwise. */
  readonly port: number
  /** Names of the Trusted Types policies that its framework makes. */
  readonly trustedTypes: string
}

/** Serves a built single-page application until the process is told to end. */
export function serveApplication(options: ServeOptions): void {
  try {
    start(options)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    fail(error.message)
  }
}

function start({ root, workspace, port, trustedTypes }: ServeOptions): void {
  const settings = readSettings(process.env, port)
  if (!existsSync(`${root}/index.html`)) {
    throw new ConfigError([`the application is not built: run "npm run build -w ${workspace}"`])
  }
  const app = createApp({ settings, runtime: systemRuntime, root, trustedTypes })
  const server = serve({ fetch: app.fetch, port: settings.port, hostname: settings.host }, (address) => {
    process.stdout.write(`ready http://${settings.host}:${address.port}\n`)
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
