/**
 * Bundles what a browser downloads, holds it against its byte budget and looks for words that must not be in it.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'vite'

const root = join(fileURLToPath(import.meta.url), '..', '..')
const browser = (file: string) => `packages/browser/src/${file}.ts`

interface Budget {
  readonly name: string
  /** Bundled together. */
  readonly entries: readonly string[]
  /** What the application brings along itself. */
  readonly external: readonly (string | RegExp)[]
  /** What counts as there already: only what comes on top of it is measured. */
  readonly over?: readonly string[]
  /** Kilobytes of 1,000 bytes, gzip: a ratchet, only ever lowered. */
  readonly limit: number
}

/**
 * The core as performance.md draws its line: sign-in, callback, renewal, revocation, sign-out and tabs. The requests that a
 * page sends with its tokens are a part, as many applications send them by their framework's own client.
 */
const core = 'tools/bundle-entries/browser-core.ts'
/** `@latchkey/browser` as most people import it: the core with `fetch`, the renewal timer, and locks for browsers that have none. */
const usualDoor = 'tools/bundle-entries/browser.ts'
const parts: Readonly<Record<string, readonly [file: string, limit: number]>> = {
  signatures: [browser('parts/signatures'), 0.5],
  silent: [browser('silent-sign-in'), 0.5],
  popup: [browser('parts/popup'), 0.6],
  dpop: [browser('parts/dpop'), 0.9],
  par: [browser('parts/pushed-authorization'), 0.15],
  storage: [browser('parts/storage'), 0.4],
  'indexed-db': [browser('parts/indexed-db-storage'), 0.75],
  worker: [browser('parts/worker-tokens'), 0.8],
  'session-monitor': [browser('parts/session-monitor'), 0.7],
  'front-channel': [browser('parts/front-channel'), 0.2],
  bff: [browser('bff/bff-mode'), 2.5],
  configurations: [browser('configurations'), 0.65],
}
const fetchPart = browser('parts/api-fetch')
const timerPart = browser('parts/renew-ahead')
/** What performance.md's "all of it" names, and the numbers of other libraries hold too. */
const usual = ['signatures', 'silent', 'popup', 'dpop', 'par'].map((name) => parts[name]?.[0] ?? '')
const signatures = [usualDoor, browser('parts/signatures'), browser('page-conditions')]
/** What the Angular adapter stands on, whether or not an adapter is there. */
const underAngular = [
  ...signatures,
  ...['silent-sign-in', 'parts/pushed-authorization', 'parts/session-monitor', 'parts/storage', 'configurations'].map(
    browser,
  ),
]
const angular = [/^@angular\//, /^rxjs/]

const budgets: readonly Budget[] = [
  { name: '@latchkey/browser/core', entries: [core], external: [], limit: 9.7 },
  { name: '@latchkey/browser', entries: [usualDoor], external: [], limit: 12.4 },
  {
    // performance.md's second row by its letter; the line below it has everything else that a page may want.
    name: '  core + DPoP, PAR, popup, signatures',
    entries: [core, ...usual.filter((file) => !file.includes('silent'))],
    external: [],
    limit: 11.6,
  },
  {
    name: '@latchkey/browser, all of it',
    entries: [core, fetchPart, timerPart, ...usual],
    external: [],
    limit: 14,
  },
  {
    name: '  + fetch, over the core',
    entries: [core, fetchPart],
    external: [],
    over: [core],
    limit: 2.1,
  },
  {
    name: '  + renewal timer, over the core',
    entries: [core, timerPart],
    external: [],
    over: [core],
    limit: 0.2,
  },
  ...Object.entries(parts).map(([name, [file, limit]]) => ({
    name: `  + ${name}`,
    entries: [usualDoor, file],
    external: [],
    over: [usualDoor],
    limit,
  })),
  {
    name: '  + auth0, over all of it',
    entries: [usualDoor, ...usual, browser('parts/storage'), browser('auth0/auth0-client')],
    external: [],
    over: [usualDoor, ...usual, browser('parts/storage')],
    limit: 1.4,
  },
  adapter('@latchkey/angular, native', 'tools/bundle-entries/angular-native.ts', 2.5),
  // The native part may have 3 and the familiar surface beside it 6.
  adapter('@latchkey/angular, all of it', 'packages/angular/src/index.ts', 8.41),
  {
    name: '@latchkey/react',
    entries: [...signatures, 'tools/bundle-entries/react.ts'],
    external: ['react', 'react/jsx-runtime'],
    over: signatures,
    limit: 1.5,
  },
]

function adapter(name: string, entry: string, limit: number): Budget {
  return { name, entries: [...underAngular, entry], external: angular, over: underAngular, limit }
}

const forbiddenWords = ['node:', 'client_secret', 'localhost:']

/** One module that exports what all of the entries export. */
function joined(entries: readonly string[]): Plugin {
  const code = entries.map((entry) => `export * from ${JSON.stringify(join(root, entry))}`)
  return {
    name: 'joined-entries',
    resolveId: (id) => (id.endsWith('joined-entries') ? id : null),
    load: (id) => (id.endsWith('joined-entries') ? code.join('\n') : null),
  }
}

async function bundle(entries: readonly string[], external: Budget['external']): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source'] },
    plugins: [joined(entries)],
    build: {
      write: false,
      minify: true,
      lib: { entry: 'joined-entries', formats: ['iife'], name: 'bundle', fileName: 'bundle' },
      rollupOptions: { external: [...external] },
    },
  })
  const outputs = Array.isArray(result) ? result : [result]
  return outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .map((chunk) => (chunk.type === 'chunk' ? chunk.code : ''))
    .join('\n')
}

const breaches: string[] = []
const kilobytesOf = (code: string) => gzipSync(code, { level: 9 }).length / 1000
for (const { name, entries, external, over, limit } of budgets) {
  const code = await bundle(entries, external)
  const kilobytes = kilobytesOf(code) - (over === undefined ? 0 : kilobytesOf(await bundle(over, external)))
  console.log(`${name.padEnd(30)} ${kilobytes.toFixed(1).padStart(5)} kB gzip; limit ${limit} kB`)
  if (kilobytes > limit) breaches.push(`${name}: ${kilobytes.toFixed(2)} kB is over its budget of ${limit} kB`)
  for (const word of forbiddenWords) if (code.includes(word)) breaches.push(`${name}: the bundle has "${word}"`)
}
for (const breach of breaches) console.error(breach)
process.exitCode = breaches.length === 0 ? 0 : 1
