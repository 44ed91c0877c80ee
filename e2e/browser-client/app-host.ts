import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { bundled } from '../drives/browser/app-server.ts'
import { root } from '../processes/child-program.ts'

export interface AppHostOptions {
  /** Modules by the path that they are served at; the page loads `/app.js`. */
  readonly scripts: Readonly<Record<string, URL>>
  /** What `/settings.json` says. */
  readonly settings?: (request: IncomingMessage) => object
  /** On every answer. */
  readonly headers?: () => Readonly<Record<string, string>>
  /** Hears of every request to `/api`, which answers in any case. */
  readonly api?: (request: IncomingMessage) => void
}

export interface AppHost {
  readonly port: number
  /** `http://127.0.0.1:port`, the same site as everything else there; another `host` is another site. */
  origin(host?: string): string
  close(): void
}

/** An application as its server would send it: one page at every path, its scripts, the static pages and an API. */
export async function appHost({ scripts, settings, headers, api }: AppHostOptions): Promise<AppHost> {
  const built = new Map<string, string>()
  for (const [path, entry] of Object.entries(scripts)) built.set(path, await bundled(entry))
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    for (const [name, value] of Object.entries(headers?.() ?? {})) response.setHeader(name, value)
    const answer = (type: string, body: string) => response.setHeader('content-type', type).end(body)
    const script = built.get(pathname)
    if (script !== undefined) answer('text/javascript', script)
    else if (pathname === '/settings.json') answer('application/json', JSON.stringify(settings?.(request) ?? {}))
    else if (pathname.startsWith('/api')) {
      api?.(request)
      answer('application/json', '{"hello":"world"}')
    } else if (isStatic(pathname)) answer(...staticFile(pathname))
    else answer('text/html', page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: (host = '127.0.0.1') => `http://${host}:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const page =
  '<!doctype html><meta charset="utf-8"><title>app</title><button id="popup">Sign in</button><main id="root"></main><script type="module" src="/app.js"></script>'

/** Whether one of the pages that an application copies from the package is asked for. */
export function isStatic(pathname: string): boolean {
  return /^\/(silent-callback|popup-callback|frontchannel-logout)\.(html|js)$/.test(pathname)
}

export function staticFile(pathname: string): [type: string, body: string] {
  const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html'
  return [type, readFileSync(join(root, 'packages/browser/static', pathname), 'utf8')]
}
