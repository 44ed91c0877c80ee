import { ConfigError, type SecureRouteRow } from '@latchkey/browser'
import type { RequestAuthentication } from '../request-context.ts'

/** One line of `httpInterceptor.allowedList`. */
export interface AllowedRequest {
  /** An address, or a path on this page's origin; `/*` at the end covers everything below. */
  readonly uri: string
  readonly httpMethod?: string
  /** Sent without a token where nobody is signed in; default: refused with `login_required`. */
  readonly allowAnonymous?: boolean
  readonly tokenOptions?: { readonly authorizationParams?: { readonly audience?: string; readonly scope?: string } }
}

export interface AllowedList {
  /** The same as secure routes of the core; which of them means what, `find` says. */
  readonly routes: readonly SecureRouteRow[]
  /** What the first matching line asks of a request to this absolute address; undefined when there is none. */
  find(url: string, method: string): RequestAuthentication | undefined
}

/** @throws ConfigError for a wildcard anywhere but at the end of whole path segments. */
export function readAllowedList(lines: readonly (string | AllowedRequest)[], base: string): AllowedList {
  const all = lines.map((line) => (typeof line === 'string' ? { uri: line } : line))
  const wrong = all.filter(({ uri }) => uri.replace(/\/\*$/, '').includes('*')).map(({ uri }) => uri)
  if (wrong.length > 0) {
    throw new ConfigError(wrong.map((uri) => `allowedList: "${uri}": a wildcard stands only at the end, as /*`))
  }
  return {
    routes: all.map(({ uri, httpMethod }) => ({
      url: uri.replace(/\/\*$/, ''),
      ...(httpMethod === undefined ? {} : { methods: [httpMethod] }),
    })),
    find(url, method) {
      const found = all.find((line) => matches(line, { url: new URL(url, base), method, base }))
      return found === undefined ? undefined : toAuthentication(found)
    },
  }
}

function matches(
  { uri, httpMethod }: AllowedRequest,
  { url, method, base }: { readonly url: URL; readonly method: string; readonly base: string },
): boolean {
  if (httpMethod !== undefined && httpMethod.toUpperCase() !== method.toUpperCase()) return false
  const coversMore = uri.endsWith('/*')
  const allowed = new URL(coversMore ? uri.slice(0, -2) : uri, base)
  if (allowed.origin !== url.origin) return false
  const path = allowed.pathname.replace(/\/$/, '')
  const asked = url.pathname.replace(/\/$/, '')
  return asked === path || (coversMore && asked.startsWith(`${path}/`))
}

function toAuthentication({ allowAnonymous, tokenOptions }: AllowedRequest): RequestAuthentication {
  const { audience, scope } = tokenOptions?.authorizationParams ?? {}
  return {
    authentication: allowAnonymous === true ? 'optional' : 'required',
    ...(audience === undefined ? {} : { resource: audience }),
    ...(scope === undefined ? {} : { scope }),
  }
}
