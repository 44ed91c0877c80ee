import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { readDemoSettings } from './settings.ts'

/** As much of Next as is used here: its own types would lay claim to the environment of the whole house. */
type Next = (options: { dev: boolean; dir: string; hostname: string; port: number }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

const next = createRequire(import.meta.url)('next') as Next

/** What `next build` made, on the address of HOST and PORT. */
const host = process.env.HOST ?? '127.0.0.1'
const server = createServer()
server.once('error', (error) => fail(`The demo cannot listen on ${host}: ${error.message}`))
server.listen(Number(process.env.PORT ?? 6010), host, async () => {
  const { port } = server.address() as AddressInfo
  process.env.ORIGIN ??= `http://${host}:${port}`
  try {
    readDemoSettings(process.env)
    const app = next({ dev: false, dir: fileURLToPath(new URL('..', import.meta.url)), hostname: host, port })
    await app.prepare()
    server.on('request', app.getRequestHandler())
    console.log(`ready ${process.env.ORIGIN}`)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
