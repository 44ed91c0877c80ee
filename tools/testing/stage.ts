import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface Stage {
  readonly name: string
  readonly command: readonly string[]
  /** Whose report tells how many tests there were; without one the stage counts as one test. */
  readonly counts?: 'vitest' | 'playwright'
  /** Why the stage cannot run on this machine, or undefined when it can. */
  readonly missing?: () => string | undefined
}

export interface StageResult {
  readonly name: string
  readonly seconds: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly note?: string
}

const reports = join('node_modules', '.cache', 'latchkey-test')

/** Runs one stage to its end; one that runs beside another says all that it has to say when it is done. */
export async function runStage(stage: Stage, isBeside: boolean): Promise<StageResult> {
  const missing = stage.missing?.()
  if (missing !== undefined) {
    return { name: stage.name, seconds: 0, passed: 0, failed: 0, skipped: 1, note: `skipped: ${missing}` }
  }
  const heading = `\n── ${stage.name}`
  if (!isBeside) console.log(heading)
  mkdirSync(reports, { recursive: true })
  const report = join(reports, `${stage.name}.json`)
  rmSync(report, { force: true })
  const started = process.hrtime.bigint()
  const { status, output } = await run(stage, report, isBeside)
  if (isBeside) console.log(`${heading}\n${output}`.trimEnd())
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  const counted = stage.counts === undefined ? undefined : readCounts[stage.counts](report)
  const counts = counted ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
  // A runner may fail without a failed test: a file that does not load, a worker that dies.
  const failed = status !== 0 && counts.failed === 0 ? 1 : counts.failed
  return { name: stage.name, seconds, ...counts, failed }
}

const { LATCHKEY_INVOKED_FROM: _, INIT_CWD: __, ...environment } = process.env

async function run(stage: Stage, report: string, keeps: boolean): Promise<{ status: number; output: string }> {
  const [program = '', ...rest] = stage.command
  const reporters = {
    vitest: ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    playwright: ['--reporter=list,json'],
  }
  const child = spawn(program, [...rest, ...(stage.counts === undefined ? [] : reporters[stage.counts])], {
    stdio: keeps ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    // The checks stand where they run, not where a person typed the command.
    env: { ...environment, PLAYWRIGHT_JSON_OUTPUT_FILE: report, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const status = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { status, output }
}

type Counts = Pick<StageResult, 'passed' | 'failed' | 'skipped'>

const readCounts = {
  vitest(file: string): Counts | undefined {
    const report = read<{
      numPassedTests: number
      numFailedTests: number
      numPendingTests: number
      numTodoTests: number
    }>(file)
    return (
      report && {
        passed: report.numPassedTests,
        failed: report.numFailedTests,
        skipped: report.numPendingTests + report.numTodoTests,
      }
    )
  },
  playwright(file: string): Counts | undefined {
    const report = read<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>(file)
    return (
      report && {
        passed: report.stats.expected,
        failed: report.stats.unexpected + report.stats.flaky,
        skipped: report.stats.skipped,
      }
    )
  },
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
