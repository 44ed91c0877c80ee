import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { untilToldToStop } from '@latchkey/cli'
import { ConfigError } from '@latchkey/protocol'
import { Listr } from 'listr2'
import { chooseAddresses } from './addresses.ts'
import { buildApp, builds } from './build.ts'
import { writeDemoConfig } from './demo-config.ts'
import { startParts } from './parts.ts'
import { createProcesses } from './processes.ts'
import { ending, summary } from './summary.ts'
import type { Tour } from './tour.ts'
import { loadTourState } from './tour-state.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** `npm start`: prepares, starts the parts, and stays until it is told to stop. Resolves with the exit code. */
async function main(): Promise<number> {
  const toldToStop = untilToldToStop().then(() => 'stopped' as const)
  const folder = resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', process.env.LATCHKEY_DATA_DIR ?? `${root}/.latchkey`)
  const processes = createProcesses(`${folder}/logs`)
  try {
    const state = loadTourState(folder)
    const addresses = await chooseAddresses(process.env)
    const tour: Tour = { root, folder, state, addresses, processes }
    if ((await Promise.race([prepare(tour), toldToStop])) === 'stopped') return 0
    process.stdout.write(summary(tour))
    await Promise.race([toldToStop, processes.failure])
    process.stdout.write(ending)
    return 0
  } finally {
    await processes.stopAll()
  }
}

async function prepare(tour: Tour): Promise<'ready'> {
  const { processes } = tour
  const tasks = new Listr(
    [
      ...builds.map((build) => ({
        title: `${build.name} built`,
        task: async (_: unknown, task: { title: string }) => {
          if ((await buildApp(tour, build)) === 'unchanged') task.title = `${build.name} built (unchanged since)`
        },
      })),
      { title: 'Configuration written', task: () => writeDemoConfig(tour) },
      ...startParts(tour).map(({ name, start }) => ({ title: `${name} is ready`, task: start })),
    ],
    {
      registerSignalListeners: false,
      fallbackRenderer: 'simple',
      // A terminal that does not say how wide it is gets plain lines.
      fallbackRendererCondition: () => (process.stdout.columns ?? 0) === 0,
      rendererOptions: { timer: stepTimer, collapseErrors: false, showErrorMessage: false },
      fallbackRendererOptions: { timer: stepTimer },
    },
  )
  await Promise.race([tasks.run(), processes.failure])
  return 'ready'
}

const stepTimer = {
  condition: true,
  field: (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`,
  format: () => (text: string | undefined) => text ?? '',
}

try {
  process.exitCode = await main()
} catch (error) {
  const known = error instanceof ConfigError ? error.problems.join('\n') : undefined
  process.stderr.write(`\n${known ?? (error instanceof Error ? error.message : String(error))}\n`)
  process.exitCode = 1
}
process.exit()
