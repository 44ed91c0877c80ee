import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkArchitecture } from './check-architecture.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

function breachesOf(files: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-architecture-'))
  trees.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  execFileSync('git', ['init', '-q'], { cwd: root })
  return checkArchitecture(root)
}

test.each([
  [
    'an import against the table',
    { 'packages/protocol/src/a.ts': "import { x } from '@latchkey/client'\n" },
    'protocol must not import client',
  ],
  [
    'a value import where types alone may pass',
    { 'packages/accounts/src/a.ts': "import { x } from '@latchkey/provider'\n" },
    'but for types',
  ],
  ['a node module in a browser package', { 'packages/client/src/a.ts': "import 'node:fs'\n" }, 'also runs in browsers'],
  [
    'node:crypto outside its door',
    { 'packages/provider/src/a.ts': "import { hash } from 'node:crypto'\n" },
    'its one door is src/crypto.ts',
  ],
  ['a library nobody agreed on', { 'packages/api/src/a.ts': "import _ from 'lodash'\n" }, 'must not depend on lodash'],
  [
    'the clock past the runtime',
    { 'packages/api/src/a.ts': 'export const now = () => Date.now()\n' },
    'Date.now goes past the Runtime',
  ],
  [
    'a bare date past the runtime',
    { 'packages/api/src/a.ts': 'export const now = () => new Date()\n' },
    'new Date goes past the Runtime',
  ],
  [
    'a timer past the runtime',
    { 'packages/api/src/a.ts': 'setTimeout(() => {}, 1)\n' },
    'setTimeout goes past the Runtime',
  ],
  [
    'the network past the runtime',
    { 'packages/api/src/a.ts': "await fetch('https://a.test')\n" },
    'fetch goes past the Runtime',
  ],
  [
    'the DOM outside the platform folder',
    { 'packages/browser/src/a.ts': 'export const here = location.href\n' },
    'location stands outside src/platform/',
  ],
  ['any', { 'apps/x/src/a.ts': 'export let x: any\n' }, 'any; name the type'],
  ['a folder without a name', { 'packages/api/src/utils/a.ts': 'export {}\n' }, 'the folder says nothing'],
  ['a crowded file', { 'packages/api/src/a.ts': 'export {}\n'.repeat(301) }, '301 lines; the limit is 300'],
  [
    'a way out of the package',
    { 'packages/api/src/a.ts': "import '../../client/src/index.ts'\n" },
    'leaves the package',
  ],
])('%s is a breach', (_, files, message) => {
  const breaches = breachesOf(files)
  expect(breaches).toHaveLength(1)
  expect(breaches[0]).toContain(message)
})

test('an import cycle is named once, with its way', () => {
  const breaches = breachesOf({
    'packages/api/src/a.ts': "import './b.ts'\n",
    'packages/api/src/b.ts': "import './c.ts'\n",
    'packages/api/src/c.ts': "import './a.ts'\n",
  })
  expect(breaches).toEqual([
    'import cycle: packages/api/src/a.ts → packages/api/src/b.ts → packages/api/src/c.ts → packages/api/src/a.ts',
  ])
})

test('what the table allows passes', () => {
  expect(
    breachesOf({
      'packages/client/src/a.ts':
        "import type { Runtime } from '@latchkey/protocol'\nexport const now = (runtime: Runtime) => runtime.now()\n",
      'packages/accounts/src/a.ts': "import type { Accounts } from '@latchkey/provider'\nexport type A = Accounts\n",
      'packages/provider/src/crypto.ts': "export { hash } from 'node:crypto'\n",
      'packages/protocol/src/system-runtime.ts': 'export const now = () => Date.now()\n',
      'packages/browser/src/platform/a.ts': 'export const here = () => location.href\n',
    }),
  ).toEqual([])
})
