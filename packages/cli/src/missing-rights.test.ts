import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const nobody = 65_534

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey rights '))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Calls an exported function in a process of a user without rights; resolves with the problem it names, or "done". */
async function withoutRights(module: string, call: string): Promise<string> {
  const name = call.slice(0, call.indexOf('('))
  const script = `
    import { ${name} } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, module)).href)}
    if (process.getuid() === 0) process.setuid(${nobody})
    try { await ${call}; console.log('done') } catch (error) { console.log(error.problems[0]) }
    process.exit()`
  const parameters = [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    script,
  ]
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let said = ''
  for await (const chunk of child.stdout) said += chunk
  return said.trim()
}

/** The first port that needs no rights. */
function firstOpenPort(): number {
  const setting = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  return existsSync(setting) ? Number(readFileSync(setting, 'utf8')) : 1024
}

test('a port below 1024 without rights', async () => {
  const listen = { host: '127.0.0.1', port: 81, tls: null }
  const said = await withoutRights('http-server.ts', `bindServer({ listen: ${JSON.stringify(listen)} })`)
  // Where the machine opens low ports to everyone, as some containers do, no rights are missing.
  expect(said).toMatch(
    81 < firstOpenPort()
      ? /^listen: cannot listen on 127\.0\.0\.1:81: ports below 1024 need special rights\./
      : /^done$/,
  )
})

test('a folder that this user may not write to', async () => {
  mkdirSync(join(folder, 'data'), { mode: 0o555 })
  chmodSync(folder, 0o755)
  const file = join(folder, 'data', 'latchkey.db')
  const said = await withoutRights('stores.ts', `openStores({ kind: 'sqlite', file: ${JSON.stringify(file)} })`)
  expect(said).toMatch(/^The database .*latchkey\.db needs a folder that this user may write to.*\(EACCES\)/)
})
