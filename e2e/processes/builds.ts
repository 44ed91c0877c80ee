import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fingerprintOf } from '../../apps/tour/src/source-fingerprint.ts'
import { root } from './child-program.ts'

const folder = join(root, 'node_modules/.cache/latchkey')

/** Runs `work`, which builds into folders of this checkout, when no other test worker does; the lock ends with its process. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, 'builds.lock'))
  try {
    while (!isTaken(lock)) await pause(100)
    return await work()
  } finally {
    lock.close()
  }
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (/locked/.test(String(error))) return false
    throw error
  }
}

/** Builds `name` unless its last build had the same `sources`, files and folders of this repository. */
export async function builtFrom(
  name: string,
  sources: readonly string[],
  build: () => Promise<unknown>,
): Promise<void> {
  await alone(async () => {
    const stamp = join(folder, name)
    const fingerprint = fingerprintOf(root, sources)
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return
    await build()
    writeFileSync(stamp, fingerprint)
  })
}
