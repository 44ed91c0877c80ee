import { ConfigError, OAuthError } from '@latchkey/protocol'
import type { Request, RequestHandler, Response } from 'express'
import { type ApiGuardOptions, createApiGuard, listScopes, refuseMissingScope } from '../api-guard.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { AccessToken } from '../verify-access-token.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The verified access token, behind `auth()`. */
    auth?: AccessToken
  }
}

/** Lets a request pass only with a valid access token, as `req.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions): RequestHandler {
  const guard = createApiGuard(options)
  return async (req, res, next) => {
    const decision = await guard.authenticate({ authorization: authorizationOf(req) })
    if (decision.outcome === 'refused') return send(res, decision.refusal)
    req.auth = decision.auth
    next()
  }
}

/** Lets a request pass only when its token has every scope named. Stands behind `auth()`. */
export function requiredScopes(...scopes: readonly (string | readonly string[])[]): RequestHandler {
  const needed = listScopes(scopes)
  if (needed.length === 0) throw new ConfigError(['requiredScopes: name at least one scope'])
  return (req, res, next) => {
    const refusal =
      req.auth === undefined
        ? refuse(new OAuthError('server_error', 'requiredScopes() needs auth() before it on this route'))
        : refuseMissingScope(req.auth, needed)
    if (refusal === null) next()
    else send(res, refusal)
  }
}

/** Node keeps the first of two Authorization headers and drops the other unseen; here both count. */
function authorizationOf({ headers, rawHeaders }: Request): string | undefined {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count > 1 ? `${headers.authorization}, and another` : headers.authorization
}

function send(res: Response, { status, headers, body }: Refusal): void {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.end(body)
}
