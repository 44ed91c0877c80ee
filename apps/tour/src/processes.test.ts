import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createProcesses, type Processes } from './processes.ts'

let folder: string
let processes: Processes
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey processes '))
  processes = createProcesses(join(folder, 'logs'))
})
afterEach(async () => {
  await processes.stopAll()
  rmSync(folder, { recursive: true })
})

const program = (script: string) => ({
  name: 'A part',
  command: process.execPath,
  parameters: ['--input-type=module', '--eval', script],
  folder,
})

/** Ready, with the ids of itself and of a child of its own. */
const parent = `
import { spawn } from 'node:child_process'
const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
console.log('ids ' + process.pid + ' ' + child.pid)
console.log('ready http://127.0.0.1:1')
setInterval(() => {}, 1000)`

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process that has ended and waits to be collected is gone for our purpose.
    const status = `/proc/${pid}/status`
    return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'))
  } catch {
    return false
  }
}

const ids = (log: string) => (/^ids (\d+) (\d+)/m.exec(log) ?? []).slice(1).map(Number)

test('a part that ends before it is ready rejects with its last lines', async () => {
  const start = processes.start(program(`console.error('port is taken'); process.exit(3)`))
  await expect(start).rejects.toThrow(/A part ended by itself \(exit code 3\).*\n {2}port is taken/)
})

test('a part that dies later is told of, by name and with its last lines', async () => {
  await processes.start(
    program(`console.log('ready x'); process.stdin.resume(); setImmediate(() => { throw new Error('boom') })`),
  )
  await expect(processes.failure).rejects.toThrow(/A part ended by itself \(exit code 1\)(?:.|\n)*Error: boom/)
})

test('stopping ends a part together with what it started, and nothing starts afterwards', async () => {
  await processes.start(program(parent))
  const log = join(folder, 'logs', 'a-part.log')
  await expect.poll(() => ids(readFileSync(log, 'utf8'))).toHaveLength(2)
  const pids = ids(readFileSync(log, 'utf8'))
  expect(pids.map(isAlive)).toEqual([true, true])
  await processes.stopAll()
  while (pids.some(isAlive)) await new Promise((resolve) => setImmediate(resolve))
  await expect(processes.start(program(parent))).rejects.toThrow('everything is ending')
})

test('a part ends by itself when its parent is killed', async () => {
  const preload = pathToFileURL(join(import.meta.dirname, 'end-with-parent.ts')).href
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', `--import=${preload}`]
  const script = `console.log('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`
  // Between the two stands a process that is killed; its end of the pipe goes with it.
  const middle = spawn(process.execPath, [
    '--eval',
    `const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify([...flags, '--eval', script])}, { detached: true, stdio: ['pipe', 'inherit', 'inherit'] }); console.log(child.pid)`,
  ])
  let said = ''
  for await (const chunk of middle.stdout) {
    said += chunk
    if (said.includes('ready')) break
  }
  const pid = Number.parseInt(said, 10)
  middle.kill('SIGKILL')
  await once(middle, 'exit')
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve))
  expect(isAlive(pid)).toBe(false)
})
