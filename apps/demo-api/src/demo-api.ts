import type { RevocationOptions } from '@latchkey/api'
import { auth, requiredScopes } from '@latchkey/api/express'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'

export interface DemoApiOptions {
  readonly issuer: string
  readonly audience: string
  /** Origins whose scripts may call the API with a token of their own. */
  readonly allowedOrigins: readonly string[]
  /** Follows the provider's revocations, so that a revoked token is refused within a second. */
  readonly revocations?: RevocationOptions
}

export interface DemoApi {
  readonly app: Express
  close(): Promise<void>
}

/** An API with one open route, one that wants a token, and one that wants a scope. */
export function createDemoApi({ issuer, audience, allowedOrigins, revocations }: DemoApiOptions): DemoApi {
  const app = express()
  const onError = (error: unknown) => console.error(String(error))
  const feed = revocations === undefined ? {} : { revocations }
  const authenticated = auth({ issuerBaseURL: issuer, audience, onError, ...feed })
  app.disable('x-powered-by')
  app.use(allowOrigins(allowedOrigins))
  app.get('/api/public', (_req, res) => {
    res.json({ message: 'Anyone may read this.' })
  })
  app.get('/api/external', authenticated, (req, res) => {
    const claims = req.auth?.payload
    res.json({
      message: 'Your access token is valid for this API.',
      sub: claims?.sub,
      client_id: claims?.client_id,
      scope: claims?.scope ?? '',
      issued_at: claims?.iat,
      expires_at: claims?.exp,
    })
  })
  app.get('/api/messages', authenticated, requiredScopes('read:messages'), (req, res) => {
    res.json({ messages: [{ from: 'Latchkey', text: `Welcome, ${req.auth?.payload.sub}.` }] })
  })
  app.use(notFound)
  app.use(failed)
  return { app, close: () => authenticated.guard.close() }
}

/** Exact origins, no cookies: a token is the only credential this API knows. */
function allowOrigins(origins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    res.vary('Origin')
    const { origin } = req.headers
    if (origin === undefined || !origins.includes(origin)) return next()
    res.set('Access-Control-Allow-Origin', origin)
    res.set('Access-Control-Expose-Headers', 'WWW-Authenticate, Retry-After')
    if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) return next()
    res.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
    res.set('Access-Control-Allow-Methods', 'GET')
    res.set('Access-Control-Max-Age', '600')
    res.status(204).end()
  }
}

const notFound: RequestHandler = (req, res) => {
  res.status(404).type('application/problem+json')
  res.send(JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail: `No route ${req.path}.` }))
}

const failed: ErrorRequestHandler = (error: { status?: number; stack?: string }, _req, res, _next) => {
  const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500
  if (status === 500) console.error(error.stack)
  const title = status === 500 ? 'Internal Server Error' : 'Bad Request'
  res.status(status).type('application/problem+json')
  res.send(JSON.stringify({ type: 'about:blank', title, status }))
}
