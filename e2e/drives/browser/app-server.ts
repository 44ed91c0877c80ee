import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export const drivenApps = ['latchkey', 'oidc-client-ts', 'angular-auth-oidc-client'] as const
export type DrivenAppName = (typeof drivenApps)[number]

export interface AppServer {
  readonly origin: string
  /** Which provider the pages ask; set before the first page is opened. */
  issuer: string
  close(): void
}

/** Serves one page with one library in it, built as an application would build it. */
export async function appServer(app: DrivenAppName): Promise<AppServer> {
  const script = await bundled(new URL(`./apps/${app}.ts`, import.meta.url))
  const page = '<!doctype html><meta charset="utf-8"><title>driven</title><script type="module" src="/app.js"></script>'
  const staticFile = (name: string) =>
    readFileSync(new URL(`../../../packages/browser/static/${name}`, import.meta.url), 'utf8')
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const answer = (type: string, body: string) => response.setHeader('content-type', type).end(body)
    if (pathname === '/app.js') answer('text/javascript', script)
    else if (pathname === '/settings.json') answer('application/json', JSON.stringify({ issuer: served.issuer }))
    else if (pathname.startsWith('/silent-callback.'))
      answer(pathname.endsWith('.js') ? 'text/javascript' : 'text/html', staticFile(pathname.slice(1)))
    else answer('text/html', page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const served: AppServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issuer: '',
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return served
}

/** One module with everything in it. */
export async function bundled(entry: URL): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source', 'browser', 'module'] },
    define: {
      ngDevMode: 'false',
      ngServerMode: 'false',
      ngI18nClosureMode: 'false',
      ngJitMode: 'true',
      'process.env.NODE_ENV': '"production"',
    },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(entry), formats: ['es'], fileName: 'app' },
      rollupOptions: { output: { codeSplitting: false } },
    },
  })
  const [output] = [result].flat()
  if (output === undefined || !('output' in output)) throw new Error('nothing was built')
  const [first] = output.output
  return first.type === 'chunk' ? first.code : ''
}
