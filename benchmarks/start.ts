/**
 * From starting `latchkey serve` on a new database until the first answer, and what it then holds in memory. Linux, for
 * /proc. `npm run build` first: the published package is measured.
 *
 *   node benchmarks/start.ts [rounds]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = Number(process.argv[2] ?? 5)
const program = join(import.meta.dirname, '../packages/cli/dist/main.js')

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function round(folder: string, port: number) {
  const config = join(folder, 'latchkey.json')
  const issuer = `http://127.0.0.1:${port}`
  writeFileSync(config, JSON.stringify({ issuer, listen: { port }, store: { sqlite: 'latchkey.db' } }))
  const start = performance.now()
  const child = spawn(process.execPath, [program, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    await response.text()
    const milliseconds = performance.now() - start
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')
    const ticks = fields.split(' ').slice(11, 13).map(Number)
    return {
      status: response.status,
      'wall ms': Math.round(milliseconds),
      'CPU ms': ((ticks[0] ?? 0) + (ticks[1] ?? 0)) * 10,
      'resident MB': Math.round(Number(kilobytes) / 1024),
    }
  } finally {
    child.kill()
  }
}

const rows: Record<string, Awaited<ReturnType<typeof round>>> = {}
for (let index = 0; index < rounds; index++) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'))
  const port = await freePort()
  rows[`new database ${index + 1}`] = await round(folder, port)
  rows[`again ${index + 1}`] = await round(folder, port)
  rmSync(folder, { recursive: true, force: true })
}
console.table(rows)
