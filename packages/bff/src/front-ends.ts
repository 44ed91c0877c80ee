import { ConfigError } from '@latchkey/protocol'
import type { Bff, BffDoor } from './bff.ts'
import { createBff } from './create-bff.ts'
import { problem } from './http/problem.ts'
import { type ArrivedRequest, type BffRequest, headerOf, splitTarget, targetOf } from './http/request.ts'
import type { BffOptions } from './options.ts'
import { readPath, startsWithSegments } from './proxy/path.ts'

/** One front end: everything a BFF has, and the path below which it lives on its host. */
export interface FrontEndOptions extends BffOptions {
  /** Its endpoints, routes and site stand below this path. Default "/". */
  readonly path?: string
}

/** Several front ends behind one server, told apart by host and path. */
export interface FrontEnds extends BffDoor {
  /** One of them, for what belongs to no request. @throws ConfigError for a name that was never given */
  named(name: string): Bff
}

interface Placed {
  readonly name: string
  readonly core: Bff
  readonly host: string
  readonly segments: readonly string[]
}

/**
 * Each front end has its own provider settings, cookies, routes and site; of those on a host the longest path wins, by
 * whole segments. @throws ConfigError with every problem of all of them
 */
export function createFrontEnds(frontEnds: Readonly<Record<string, FrontEndOptions>>): FrontEnds {
  const problems: string[] = []
  const placed = Object.entries(frontEnds).flatMap(([name, options]) => place(name, options, problems))
  problems.push(...collisions(frontEnds, placed))
  if (problems.length > 0) {
    for (const { core } of placed) core.close()
    throw new ConfigError(problems)
  }
  placed.sort((a, b) => b.segments.length - a.segments.length)
  const find = (host: string | null, target: string): Bff | null => {
    const here = placed.filter((one) => one.host === host?.toLowerCase())
    const read = readPath(splitTarget(target).path)
    if (read.kind === 'ambiguous') return (here.find(({ core }) => core.owns(target)) ?? here.at(-1))?.core ?? null
    return here.find(({ segments }) => startsWithSegments(read.segments, segments))?.core ?? null
  }
  const of = (request: BffRequest): Bff => {
    const found = find(headerOf(request, 'host') ?? hostIn(request), targetIn(request))
    if (found === null)
      throw new ConfigError([`frontEnds: none lives at ${headerOf(request, 'host')}${targetIn(request)}`])
    return found
  }
  return {
    ...ofARequest(of),
    owns(target, host) {
      const here = find(host ?? null, target)
      // A host that nobody knows gets nothing of ours, and no other handler what looks like ours.
      return here === null ? placed.some(({ core }) => core.owns(target)) : here.owns(target)
    },
    async handle(request, target = targetOf(request.url)) {
      const host = headerOf(request, 'host') ?? hostIn(request)
      return (await find(host, target)?.handle(request, target)) ?? misdirected()
    },
    passage: (arrived: ArrivedRequest) => find(headerOf(arrived, 'host'), arrived.target)?.passage(arrived) ?? null,
    named(name) {
      const found = placed.find((one) => one.name === name)
      if (found !== undefined) return found.core
      throw new ConfigError([`frontEnds.${name}: is not configured; known are ${Object.keys(frontEnds).join(', ')}`])
    },
    close() {
      for (const { core } of placed) core.close()
    },
  }
}

type OfARequest =
  | 'getUser'
  | 'getUserAccessToken'
  | 'revokeUserRefreshToken'
  | 'userAccessTokenFetch'
  | 'typedClient'
  | 'refuseForeign'
  | 'refuseLocal'
  | 'problemResponse'

function ofARequest(of: (request: BffRequest) => Bff): Pick<FrontEnds, OfARequest> {
  return {
    getUser: async (request) => of(request).getUser(request),
    getUserAccessToken: async (request, options) => of(request).getUserAccessToken(request, options),
    revokeUserRefreshToken: async (request) => of(request).revokeUserRefreshToken(request),
    userAccessTokenFetch: (request, name) => of(request).userAccessTokenFetch(request, name),
    typedClient: (request, name, make) => of(request).typedClient(request, name, make),
    refuseForeign: (request) => of(request).refuseForeign(request),
    refuseLocal: async (request, rule) => of(request).refuseLocal(request, rule),
    problemResponse(error, request) {
      if (request === undefined)
        throw new ConfigError(['problemResponse: name the request: each front end has its own login'])
      return of(request).problemResponse(error)
    },
  }
}

function place(name: string, { path = '/', ...options }: FrontEndOptions, problems: string[]): readonly Placed[] {
  const read = readPath(path)
  if (read.kind !== 'plain' || (path !== '/' && path.endsWith('/'))) {
    problems.push(`frontEnds.${name}.path: "${path}" must be "/" or a plain path such as "/shop"`)
    return []
  }
  const prefix = path === '/' ? '' : path
  const { basePath = `${prefix}/bff`, signedOutPath = path, site, routes = [], cookie } = options
  for (const [what, at] of [['basePath', basePath], ...routes.map(({ match }) => ['routes', match] as const)]) {
    const segments = at === undefined ? [] : at.split('/').slice(1)
    if (!startsWithSegments(segments, read.segments)) {
      problems.push(`frontEnds.${name}.${what}: "${at}" must stand below the front end's own path "${path}"`)
    }
  }
  try {
    const core = createBff({
      ...options,
      basePath,
      signedOutPath,
      cookie: { name: `latchkey-${name}`, ...cookie },
      ...(site === undefined ? {} : { site: { path, ...site } }),
    })
    return [{ name, core, host: new URL(options.baseUrl).host, segments: read.segments }]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems.map((problem) => `frontEnds.${name}.${problem}`))
    return []
  }
}

function* collisions(given: Readonly<Record<string, FrontEndOptions>>, placed: readonly Placed[]): Generator<string> {
  if (Object.keys(given).length === 0) yield 'frontEnds: give at least one'
  for (const [index, one] of placed.entries()) {
    for (const other of placed.slice(0, index).filter(({ host }) => host === one.host)) {
      if (one.segments.join('/') === other.segments.join('/')) {
        yield `frontEnds.${one.name}.path: "${other.name}" stands at the same place of ${one.host}`
      }
      const names = [one, other].map(({ name }) => given[name]?.cookie?.name ?? `latchkey-${name}`)
      if (names[0] === names[1])
        yield `frontEnds.${one.name}.cookie.name: "${other.name}" of the same host has the same`
    }
  }
}

/** @spec RFC 9110 §15.5.20 */
function misdirected(): Response {
  return problem({ status: 421, code: 'unknown_host', detail: 'no front end of this server answers for this host' })
}

/** Where a request of whatever framework goes; a bare object with headers goes to the root. */
function targetIn(request: BffRequest & { originalUrl?: unknown; target?: unknown; url?: unknown }): string {
  const target = [request.target, request.originalUrl, request.url].find((one) => typeof one === 'string')
  if (typeof target !== 'string') return '/'
  return target.startsWith('/') ? target : targetOf(target)
}

function hostIn({ url }: BffRequest & { readonly url?: unknown }): string | null {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).host : null
}
