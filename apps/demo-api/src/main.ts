import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { createDemoApi } from './demo-api.ts'

const { HOST = '127.0.0.1', PORT = '3001', ISSUER = 'http://127.0.0.1:8000', ALLOWED_ORIGINS = '' } = process.env
const audience = process.env.AUDIENCE ?? 'https://api.example.com'
const allowedOrigins = ALLOWED_ORIGINS.split(',')
  .map((origin) => origin.trim())
  .filter((origin) => origin !== '')

const port = Number(PORT)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT must be a number from 0 to 65535, not "${PORT}"`)

const server = configured().listen(port, HOST, (error) => {
  if (error !== undefined) fail(`The demo API cannot listen on ${HOST}:${PORT}: ${error.message}`)
  const { address, port: taken } = server.address() as AddressInfo
  console.log(`ready http://${address.includes(':') ? `[${address}]` : address}:${taken}`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}

function configured(): Express {
  try {
    return createDemoApi({ issuer: ISSUER, audience, allowedOrigins })
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
