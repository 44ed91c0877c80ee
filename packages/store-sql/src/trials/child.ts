import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcess
  /** Whole lines of its stdout, as they come. */
  readonly lines: AsyncGenerator<string>
  /** Resolves when it is gone and its output read; rejects when it ended by itself with an error. */
  readonly ended: Promise<void>
}

/** Runs one of this folder's programs in a process of its own. */
export function startChild(program: 'writer.ts' | 'racer.ts', args: readonly string[]): Child {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve()
      else reject(new Error(`${program} ended with ${code ?? signal}: ${errors}`))
    })
  })
  ended.catch(() => {})
  return { process: child, lines: linesOf(child), ended }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of child.stdout ?? []) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
