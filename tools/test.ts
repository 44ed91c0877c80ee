/**
 * `npm test`: every check there is, those that take one core in pairs, with a mark and a duration each and the sum at the end.
 *   --only types,unit   runs the named stages alone
 * With LATCHKEY_NO_SKIPS=1 a test that was skipped counts as failed.
 */
import { parseArgs } from 'node:util'
import { findChromium } from './testing/chromium.ts'
import { runStage, type Stage, type StageResult } from './testing/stage.ts'

const node = process.execPath
const source = ['--conditions=source', '--disable-warning=ExperimentalWarning']

/** The stages of one row run side by side, the rows one after the other. */
const rows: readonly (readonly Stage[])[] = [
  [
    { name: 'architecture', command: [node, ...source, 'tools/check-architecture.ts'] },
    { name: 'lint', command: [node, 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  ],
  [
    { name: 'build', command: [node, 'node_modules/typescript/bin/tsc', '-b', 'packages'] },
    { name: 'types', command: [node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  ],
  [
    { name: 'docs', command: [node, ...source, 'tools/check-docs.ts'] },
    { name: 'bundles', command: [node, ...source, 'tools/check-bundles.ts'] },
  ],
  [{ name: 'unit', command: [node, 'node_modules/vitest/vitest.mjs', 'run'], counts: 'vitest' }],
  [
    {
      name: 'e2e',
      command: [node, 'node_modules/@playwright/test/cli.js', 'test'],
      counts: 'playwright',
      missing: () =>
        findChromium() === undefined
          ? 'Chromium is missing: install it (Debian: apt-get install chromium) or name it in CHROMIUM_PATH'
          : undefined,
    },
  ],
]
const stages = rows.flat()

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = values.only?.split(',')
const unknown = wanted?.filter((name) => !stages.some((stage) => stage.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`No stage is called ${unknown.join(', ')}; there are ${stages.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}

const noSkips = process.env.LATCHKEY_NO_SKIPS === '1'
const results: StageResult[] = []
for (const row of rows) {
  const asked = row.filter(({ name }) => wanted === undefined || wanted.includes(name))
  results.push(...(await Promise.all(asked.map((stage) => runStage(stage, asked.length > 1)))))
}

const sum = (pick: (result: StageResult) => number) => results.reduce((total, result) => total + pick(result), 0)
const skipped = sum((result) => result.skipped)
const failed = sum((result) => result.failed) + (noSkips ? skipped : 0)
console.log('')
for (const result of results) {
  const mark = result.failed > 0 ? '✗' : result.skipped > 0 ? '–' : '✓'
  const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`
  console.log(`${mark} ${result.name.padEnd(13)} ${result.seconds.toFixed(1).padStart(6)} s   ${counts}`)
  if (result.note !== undefined) console.log(`    ${result.note}`)
}
if (noSkips && skipped > 0) console.log(`\n${skipped} skipped; skipping counts as failing here (LATCHKEY_NO_SKIPS=1).`)
console.log('')
console.log(`${sum((result) => result.passed)} passed, ${failed} failed, ${noSkips ? 0 : skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0
