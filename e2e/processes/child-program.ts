import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** This process's environment without what would colour the output; test runners set it. */
const { FORCE_COLOR: _, ...plain } = process.env

const running = new Map<ChildProcess, Pick<ChildProgram, 'name' | 'output'>>()
process.once('exit', () => {
  for (const child of running.keys()) child.kill('SIGKILL')
})

/** The programs that this process has started and that have not ended. */
export function runningPrograms(): readonly Pick<ChildProgram, 'name' | 'output'>[] {
  return [...running.values()]
}

export interface ChildProgram {
  readonly name: string
  readonly process: ChildProcess
  /** Everything it wrote so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the line of stdout that `pattern` matches; rejects with what it wrote when it ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code, null when it was killed. */
  readonly exited: Promise<number | null>
  /** Sends the signal and resolves with the exit code, null when it was killed. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

interface ProgramOptions {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Where the repository stands whose program it is; here unless given. */
  readonly checkout?: string
  /** Whether something is written to its standard input. */
  readonly input?: boolean
}

/** Runs a program of this repository as a person would: a process of its own, on the Node that came along. */
export function startProgram(script: string, options: ProgramOptions = {}): ChildProgram {
  const { checkout = root } = options
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', join(checkout, script)]
  return startCommand(process.execPath, { ...options, args: [...node, ...(options.args ?? [])] }, script)
}

/** Runs any program of the machine; it ends with the test at the latest. */
export function startCommand(command: string, options: ProgramOptions = {}, name = command): ChildProgram {
  const child = spawn(command, [...(options.args ?? [])], {
    cwd: options.checkout ?? root,
    env: { ...plain, ...options.env },
    stdio: [options.input === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  running.set(child, { name, output })
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const waiter of waiting) waiter()
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
      wake()
    })
  }
  const ended = new Promise<number | null>((resolve) =>
    child.on('exit', (code) => {
      running.delete(child)
      resolve(code)
    }),
  )
  void ended.then(wake)
  return {
    name,
    process: child,
    output,
    exited: ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output.stdout)
          if (found !== null) resolve(found)
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`${name} ended before "${pattern.source}":\n${output.stdout}\n${output.stderr}`))
          } else return
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
    stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}
