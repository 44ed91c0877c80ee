import { fileURLToPath } from 'node:url'
import type { BffDoor } from '@latchkey/bff'
import { bff, bffApi, bffErrors } from '@latchkey/bff/express'
import { icon, stylesheet } from '@latchkey/provider/assets'
import express, { type Express } from 'express'

const publicFolder = fileURLToPath(new URL('../public', import.meta.url))

/** No inline script or style, nothing from elsewhere, no frame around it. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The page, the BFF in front of the API, and two handlers of the application's own. */
export function createApp(core: BffDoor, runtimeConfig: object = {}): Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/config.json', (_req, res) => void res.set('cache-control', 'no-store').json(runtimeConfig))
  app.use(bff(core))
  app.use('/api-local', bffApi(core))
  app.get('/api-local/external', async (req, res) => {
    const response = await req.bff.userAccessTokenFetch('apiClient')('external')
    res
      .status(response.status)
      .set('cache-control', 'no-store')
      .json(await response.json())
  })
  app.post('/api-local/revoke', async (req, res) => {
    await req.bff.revokeUserRefreshToken()
    res.status(204).end()
  })
  app.use((_req, res, next) => {
    res.set(pageHeaders)
    next()
  })
  for (const [path, { type, content }] of [['/latchkey.css', stylesheet] as const, ['/latchkey.svg', icon] as const]) {
    app.get(path, (_req, res) => void res.type(type).send(content))
  }
  app.use(express.static(publicFolder))
  app.use(bffErrors(core))
  return app
}
