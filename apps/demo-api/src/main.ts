import type { AddressInfo } from 'node:net'
import { createDemoApi, type DemoApi } from './demo-api.ts'

const { HOST = '127.0.0.1', PORT = '3001', ISSUER = 'http://127.0.0.1:8000', ALLOWED_ORIGINS = '' } = process.env
const { CLIENT_ID, CLIENT_SECRET, REVOCATIONS_FILE } = process.env
const audience = process.env.AUDIENCE ?? 'https://api.example.com'
const allowedOrigins = ALLOWED_ORIGINS.split(',')
  .map((origin) => origin.trim())
  .filter((origin) => origin !== '')

const port = Number(PORT)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT must be a number from 0 to 65535, not "${PORT}"`)

const api = configured()
const server = api.app.listen(port, HOST, (error) => {
  if (error !== undefined) fail(`The demo API cannot listen on ${HOST}:${PORT}: ${error.message}`)
  const { address, port: taken } = server.address() as AddressInfo
  console.log(`ready http://${address.includes(':') ? `[${address}]` : address}:${taken}`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => void api.close().finally(() => process.exit(0)))
    server.closeAllConnections()
  })
}

function configured(): DemoApi {
  try {
    return createDemoApi({ issuer: ISSUER, audience, allowedOrigins, ...feed() })
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** With credentials of its own the API follows what the provider revokes. */
function feed() {
  if (CLIENT_ID === undefined || CLIENT_SECRET === undefined) return {}
  const persistTo = REVOCATIONS_FILE === undefined ? {} : { persistTo: REVOCATIONS_FILE }
  return { revocations: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...persistTo } }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
