import { existsSync } from 'node:fs'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Runtime } from '@latchkey/protocol'
import { Hono } from 'hono'
import { createApiProxy } from './api-proxy.ts'
import { securityHeaders } from './security-headers.ts'
import type { Settings } from './settings.ts'

export interface AppOptions {
  readonly settings: Settings
  readonly runtime: Pick<Runtime, 'fetch'>
  /** The folder with the built application. */
  readonly root: string
  /** Names of the Trusted Types policies that its framework makes. */
  readonly trustedTypes: string
}

/** As the builds of Angular and of Vite name files after their content. */
const hashed = /-(?:[A-Z0-9]{8}|[0-9a-f]{8})\.(?:js|css)$/

/** The built application, its configuration, and the way to the API. */
export function createApp({ settings, runtime, root, trustedTypes }: AppOptions): Hono {
  const app = new Hono()
  const headers = securityHeaders(settings, trustedTypes)
  const proxy = createApiProxy(settings.apiUrl, runtime)
  const { issuer, clientId, audience, apiUrl, bffUrl } = settings
  const page = serveStatic({ root, path: 'index.html' })

  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
    if (c.req.path.startsWith('/api/')) return
    c.res.headers.set(
      'cache-control',
      c.res.ok && hashed.test(c.req.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
  })
  app.all('/api/*', (c) => proxy(c.req.raw, pathAndQuery(c.req.url)))
  app.get('/config.json', (c) => c.json({ mode: 'browser', issuer, clientId, audience, apiUrl, bffUrl }))
  app.use(serveStatic({ root }))
  app.get('*', async (c, next) => {
    if (isFile(c.req.path)) return c.text('There is no such file.', 404)
    return page(c, next)
  })
  app.notFound((c) =>
    c.text(
      existsSync(root) ? 'There is nothing here.' : 'The application is not built: run its build script first.',
      404,
    ),
  )
  return app
}

function isFile(path: string): boolean {
  return /\.[a-z0-9]+$/i.test(path)
}

function pathAndQuery(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3))
}
