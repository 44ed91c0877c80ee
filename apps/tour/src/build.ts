import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fingerprintOf } from './source-fingerprint.ts'
import type { Tour } from './tour.ts'

/** Everything the Angular build reads. */
const inputs = [
  'apps/demo-angular',
  'apps/demo-spa',
  'packages/angular',
  'packages/browser',
  'packages/client',
  'packages/protocol',
  'packages/provider/src/pages',
  'tsconfig.base.json',
  'package-lock.json',
]

/** Builds the Angular app with its own script, unless the last build had the same sources. */
export async function buildAngularApp({
  root,
  processes,
}: Pick<Tour, 'root' | 'processes'>): Promise<'built' | 'unchanged'> {
  const stamp = `${root}/node_modules/.cache/latchkey/demo-angular`
  const fingerprint = fingerprintOf(root, inputs)
  const isBuilt = existsSync(`${root}/apps/demo-angular/dist/index.html`)
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return 'unchanged'
  const npm = process.env.npm_execpath
  const viaNode = npm?.endsWith('npm-cli.js') === true
  await processes.run({
    name: 'Angular build',
    command: viaNode ? process.execPath : 'npm',
    parameters: [...(viaNode ? [npm] : []), 'run', '--silent', 'build'],
    folder: `${root}/apps/demo-angular`,
    environment: { NG_CLI_ANALYTICS: 'false' },
  })
  mkdirSync(`${root}/node_modules/.cache/latchkey`, { recursive: true })
  writeFileSync(stamp, fingerprint)
  return 'built'
}
