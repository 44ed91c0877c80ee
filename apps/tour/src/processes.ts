import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { systemRuntime } from '@latchkey/protocol/system-runtime'

const killAfterSeconds = 12
const rememberedLines = 15
const ownGroup = process.platform !== 'win32'

interface Program {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

/** The child processes of the tour. None outlives it. */
export interface Processes {
  /** Resolves when the program prints a line that begins with "ready ", rejects when it ends before. */
  start(program: Program): Promise<void>
  /** Resolves when the program ends well, rejects with its last lines when not. */
  run(program: Program): Promise<void>
  /** Rejects as soon as a started program ends by itself; never resolves. */
  readonly failure: Promise<never>
  /** Ends all of them and resolves when they are gone. */
  stopAll(): Promise<void>
}

export function createProcesses(logFolder: string): Processes {
  const running = new Map<ChildProcess, Promise<void>>()
  let stopping = false
  let fail: (error: Error) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  failure.catch(() => {})

  function launch(program: Program) {
    if (stopping) throw new Error(`${program.name} is not started: everything is ending`)
    const child = spawn(program.command, program.parameters, {
      cwd: program.folder,
      env: { ...process.env, ...program.environment },
      // Its own group: Ctrl-C reaches the tour alone, which then ends its parts in order.
      detached: ownGroup,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const output = collect(child, logFolder, program.name)
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    })
    running.set(
      child,
      ended.then(() => void running.delete(child)),
    )
    return { ended, output }
  }

  return {
    failure,
    async start(program) {
      const { ended, output } = launch(program)
      const died = ended.then((how) => {
        const error = new Error(`${program.name} ended by itself (${how}).${output.lastLines()}`)
        if (!stopping) fail(error)
        throw error
      })
      await Promise.race([output.ready, died])
    },
    async run(program) {
      const { ended, output } = launch(program)
      const how = await ended
      if (how !== 'exit code 0') throw new Error(`${program.name} failed (${how}).${output.lastLines()}`)
    },
    async stopAll() {
      stopping = true
      for (const child of running.keys()) signalGroup(child, 'SIGTERM')
      const cancel = systemRuntime.schedule(killAfterSeconds, () => {
        for (const child of running.keys()) signalGroup(child, 'SIGKILL')
      })
      await Promise.all(running.values())
      cancel()
    },
  }
}

/** Writes what a program says to its log and keeps the last lines for the case that it ends. */
function collect(child: ChildProcess, logFolder: string, name: string) {
  mkdirSync(logFolder, { recursive: true, mode: 0o700 })
  const log = createWriteStream(`${logFolder}/${name.toLowerCase().replaceAll(' ', '-')}.log`, { mode: 0o600 })
  const lines: string[] = []
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log.write(text)
        const parts = (rest + text).split('\n')
        rest = parts.pop() ?? ''
        for (const line of parts) {
          lines.push(line)
          if (line.startsWith('ready ')) resolve()
        }
        lines.splice(0, lines.length - rememberedLines)
      })
    }
  })
  child.once('close', () => log.end())
  const lastLines = (): string => {
    const said = lines.filter((line) => line.trim() !== '')
    return said.length === 0 ? ' It said nothing.' : ` It said last:\n${said.map((line) => `  ${line}`).join('\n')}`
  }
  return { ready, lastLines }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (ownGroup && child.pid !== undefined) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
