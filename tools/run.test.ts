import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const tools = import.meta.dirname
const script = `
process.on('disconnect', () => process.exit())
process.channel?.unref()
process.on('SIGTERM', () => { console.log('told to stop'); process.exit(7) })
console.log(JSON.stringify({ arguments: process.argv.slice(2), cwd: process.cwd(), from: process.env.LATCHKEY_INVOKED_FROM, flags: process.execArgv }))
if (process.argv[2] === 'wait') setInterval(() => {}, 1000)
if (process.argv[2] === 'exit') process.exit(Number(process.argv[3]))
`

let root: string
const children: ChildProcess[] = []

beforeEach(() => {
  // A space and an accent, as in a home folder.
  root = realpathSync(mkdtempSync(join(tmpdir(), 'latch key é ')))
  mkdirSync(join(root, 'tools'))
  for (const file of ['run.mjs', 'install.mjs', 'install-lock.mjs'])
    copyFileSync(join(tools, file), join(root, 'tools', file))
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'a', private: true }))
  writeLock('1')
  writeFileSync(join(root, 'script.ts'), script)
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

/** A lock without packages: npm needs no network for it. */
function writeLock(version: string): void {
  const lock = { name: 'a', version, lockfileVersion: 3, requires: true, packages: { '': { name: 'a' } } }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
}

/** Puts a program called npm before the real one. */
function replaceNpm(program: string): Record<string, string> {
  mkdirSync(join(root, 'bin'), { recursive: true })
  symlinkSync(process.execPath, join(root, 'bin', 'node'))
  writeFileSync(join(root, 'bin', 'npm'), `#!/bin/sh\n${program}\n`, { mode: 0o755 })
  return { PATH: `${join(root, 'bin')}${delimiter}/usr/bin:/bin` }
}

function start(parameters: readonly string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  const { npm_execpath: _, INIT_CWD: __, ...outer } = process.env
  const child = spawn(process.execPath, [join(root, 'tools', 'run.mjs'), ...parameters], {
    cwd: options.cwd ?? root,
    env: { ...outer, ...options.env },
  })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  return { child, ended }
}

const run = (...parameters: Parameters<typeof start>) => start(...parameters).ended
const stampFile = () => join(root, 'node_modules', '.latchkey-install.json')

describe('installing', () => {
  test('a fresh clone installs once and says so; the next run installs nothing', async () => {
    const first = await run(['script.ts', 'a b', '--c'])
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/Installing dependencies .*\n✔ Dependencies installed/),
    })
    expect(JSON.parse(first.stdout)).toMatchObject({ arguments: ['a b', '--c'] })
    expect(await run(['script.ts'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('a changed lock installs again and leaves the lock as it is committed', async () => {
    await run(['script.ts'])
    writeLock('2')
    const before = readFileSync(join(root, 'package-lock.json'), 'utf8')
    expect((await run(['script.ts'])).stderr).toContain('Updating dependencies')
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).toBe(before)
    expect((await run(['script.ts'])).stderr).toBe('')
  })

  test.each([
    ['npm error code ENOTFOUND', 'The package registry cannot be reached'],
    ['npm error code ENOSPC', 'The disk is full'],
    ['npm error code EACCES', 'The rights are wrong'],
    ['npm error code E404', 'lacks a package'],
    ['something new', 'its last lines say why'],
  ])('"%s" is explained, nothing starts, and nothing half-made looks whole', async (says, explanation) => {
    const env = replaceNpm(`mkdir -p node_modules/half; echo '${says}' >&2; exit 1`)
    const failed = await run(['script.ts'], { env })
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(explanation) })
    expect(existsSync(stampFile())).toBe(false)
    const repaired = await run(['script.ts'])
    expect(repaired).toMatchObject({ code: 0, stderr: expect.stringContaining('starting afresh') })
    expect(existsSync(join(root, 'node_modules', 'half'))).toBe(false)
  })

  test('an install whose process was killed is taken over and made afresh', async () => {
    const killed = spawn(process.execPath, ['--version'])
    await once(killed, 'close')
    mkdirSync(join(root, '.latchkey'))
    writeFileSync(join(root, '.latchkey', 'install.lock'), `${killed.pid} ${hostname()}`)
    mkdirSync(join(root, 'node_modules', 'half'), { recursive: true })
    expect(await run(['script.ts'])).toMatchObject({ code: 0 })
    expect(existsSync(join(root, 'node_modules', 'half'))).toBe(false)
  })

  test('two that start together install once', async () => {
    const env = replaceNpm('echo x >> installs; mkdir -p node_modules; until [ -e go ]; do sleep 0.05; done')
    const first = start(['script.ts'], { env })
    await once(first.child.stderr, 'data')
    const second = start(['script.ts'], { env })
    const [said] = await once(second.child.stderr, 'data')
    expect(String(said)).toContain(`Another install is running (process ${first.child.pid})`)
    writeFileSync(join(root, 'go'), '')
    const ends = await Promise.all([first.ended, second.ended])
    expect(ends.map((end) => end.code)).toEqual([0, 0])
    expect(readFileSync(join(root, 'installs'), 'utf8')).toBe('x\n')
  })
})

describe('running', () => {
  beforeEach(() => run(['script.ts']))

  test('works from another folder, with the source condition, and tells where it was called', async () => {
    const { stdout } = await run(['script.ts'], { cwd: tmpdir() })
    expect(JSON.parse(stdout)).toMatchObject({
      cwd: root,
      from: realpathSync(tmpdir()),
      flags: expect.arrayContaining(['--conditions=source']),
    })
  })

  test('the exit code is passed on', async () => {
    expect(await run(['script.ts', 'exit', '3'])).toMatchObject({ code: 3 })
  })

  test('a signal is passed on, and what the script makes of it comes back', async () => {
    const { child, ended } = start(['script.ts', 'wait'])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 7, stdout: expect.stringContaining('told to stop') })
  })

  test('a signal that npm’s shell swallows reaches the script all the same', async () => {
    const command = `"${process.execPath}" "${join(root, 'tools', 'run.mjs')}" script.ts wait; true`
    const shell = spawn('/bin/sh', ['-c', command], {
      cwd: root,
      env: { ...process.env, npm_lifecycle_event: 'start' },
    })
    let said = ''
    await new Promise<void>((resolve) => {
      shell.stdout.on('data', (chunk) => {
        said += chunk
        if (said.includes('arguments')) shell.kill('SIGTERM')
        if (said.includes('told to stop')) resolve()
      })
    })
    expect(shell.signalCode).toBe('SIGTERM')
  })

  test('a script that is not there is named', async () => {
    expect(await run(['nowhere.ts'])).toMatchObject({ code: 1, stderr: `There is no nowhere.ts in ${root}.\n` })
  })
})
