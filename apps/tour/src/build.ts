import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fingerprintOf } from './source-fingerprint.ts'
import type { Tour } from './tour.ts'

interface Build {
  readonly name: string
  readonly folder: string
  /** What it reads beside what all of them read. */
  readonly inputs: readonly string[]
}

export const builds: readonly Build[] = [
  { name: 'Angular app', folder: 'demo-angular', inputs: ['packages/angular'] },
  { name: 'React app', folder: 'demo-react', inputs: ['packages/react'] },
]

/** Everything that each of the builds reads. */
const inputs = [
  'apps/demo-spa',
  'packages/browser',
  'packages/client',
  'packages/protocol',
  'packages/provider/src/pages',
  'tsconfig.base.json',
  'package-lock.json',
]

/** Builds an app with its own script, unless the last build had the same sources. */
export async function buildApp(
  { root, processes }: Pick<Tour, 'root' | 'processes'>,
  build: Build,
): Promise<'built' | 'unchanged'> {
  const folder = `${root}/apps/${build.folder}`
  const stamp = `${root}/node_modules/.cache/latchkey/${build.folder}`
  const fingerprint = fingerprintOf(root, [`apps/${build.folder}`, ...build.inputs, ...inputs])
  const isBuilt = existsSync(`${folder}/dist/index.html`)
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return 'unchanged'
  const npm = process.env.npm_execpath
  const viaNode = npm?.endsWith('npm-cli.js') === true
  await processes.run({
    name: `${build.name} build`,
    command: viaNode ? process.execPath : 'npm',
    parameters: [...(viaNode ? [npm] : []), 'run', '--silent', 'build'],
    folder,
    environment: { NG_CLI_ANALYTICS: 'false' },
  })
  mkdirSync(`${root}/node_modules/.cache/latchkey`, { recursive: true })
  writeFileSync(stamp, fingerprint)
  return 'built'
}
