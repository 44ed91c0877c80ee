/**
 * Bundles what a browser downloads, holds it against its byte budget and looks for words that must not be in it.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(fileURLToPath(import.meta.url), '..', '..')

interface Budget {
  readonly name: string
  readonly entry: string
  /** What the application brings along itself. */
  readonly external: readonly (string | RegExp)[]
  /** Kilobytes of 1,000 bytes, gzip: a ratchet, only ever lowered. */
  readonly limit: number
  /** Where it is to go. */
  readonly goal: number
}

const budgets: readonly Budget[] = [
  { name: '@latchkey/browser', entry: 'packages/browser/src/index.ts', external: [], limit: 17.5, goal: 10 },
  {
    name: '@latchkey/angular',
    entry: 'packages/angular/src/index.ts',
    external: [/^@angular\//, /^rxjs/, '@latchkey/browser'],
    limit: 6,
    goal: 6,
  },
]

const forbiddenWords = ['node:', 'client_secret', 'localhost:']

async function bundle(budget: Budget): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      minify: true,
      lib: { entry: join(root, budget.entry), formats: ['iife'], name: 'bundle' },
      rollupOptions: { external: [...budget.external] },
    },
  })
  const outputs = Array.isArray(result) ? result : [result]
  return outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .map((chunk) => (chunk.type === 'chunk' ? chunk.code : ''))
    .join('\n')
}

const breaches: string[] = []
for (const budget of budgets) {
  const code = await bundle(budget)
  const kilobytes = gzipSync(code, { level: 9 }).length / 1000
  console.log(
    `${budget.name.padEnd(20)} ${kilobytes.toFixed(1).padStart(5)} kB gzip; limit ${budget.limit} kB, goal ${budget.goal} kB`,
  )
  if (kilobytes > budget.limit)
    breaches.push(`${budget.name}: ${kilobytes.toFixed(1)} kB is over its budget of ${budget.limit} kB`)
  for (const word of forbiddenWords) if (code.includes(word)) breaches.push(`${budget.name}: the bundle has "${word}"`)
}
for (const breach of breaches) console.error(breach)
process.exitCode = breaches.length === 0 ? 0 : 1
