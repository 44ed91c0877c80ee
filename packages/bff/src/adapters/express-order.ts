import { ConfigError } from '@latchkey/protocol'
import type { RequestHandler } from 'express'

/** As much of an Express application as tells what stands before a handler; Express 4 keeps it in `_router`. */
interface App {
  readonly router?: Router
  readonly _router?: Router
}

interface Router {
  readonly stack?: readonly { readonly name: string }[]
}

type Kind = 'door' | 'guard'

/** Whatever reads a body before the BFF leaves nothing to pass on. */
const readers = new Set(['jsonParser', 'urlencodedParser', 'rawParser', 'textParser', 'multerMiddleware'])
const mounted = new WeakMap<App, Set<Kind>>()

/**
 * A handler that hears of being mounted, as an application inside an application does, and refuses a place where it
 * would not do its work. Inside a `Router` nothing tells; there the first request does.
 */
export function inOrder(kind: Kind, handler: RequestHandler): RequestHandler {
  const heard: RequestHandler & { mountpath?: unknown } = Object.assign(handler, {
    handle: handler,
    set() {},
    emit(event: string, app: App) {
      if (event !== 'mount') return
      const known = mounted.get(app) ?? new Set()
      const problems = [...(kind === 'door' ? doorProblems(app, known, heard.mountpath) : guardProblems(known))]
      if (problems.length > 0) throw new ConfigError(problems)
      mounted.set(app, known.add(kind))
    },
  })
  return heard
}

function* doorProblems(app: App, known: ReadonlySet<Kind>, mountpath: unknown): Generator<string> {
  if (mountpath !== '/') yield `bff: mount it at the root, app.use(bff(core)), not at "${String(mountpath)}"`
  const before = (app._router ?? (typeof app.router === 'function' ? app.router : undefined))?.stack ?? []
  for (const { name } of before) {
    if (readers.has(name)) yield `bff: mount it before ${name}, which reads bodies that are the API's to read`
  }
  if (known.has('guard')) yield 'bff: mount it before bffApi(core), which needs what it puts on requests'
}

function* guardProblems(known: ReadonlySet<Kind>): Generator<string> {
  if (!known.has('door')) yield 'bffApi: mount bff(core) on the same app before it'
}
