// One install at a time: two commands started together must not both write node_modules. Plain JavaScript for Node 18 and later.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const staleAfterMilliseconds = 60_000

/**
 * Waits for the lock. `interrupted` says that its last holder died in the middle of an install.
 * @returns {Promise<{ interrupted: boolean, release(): void }>}
 */
export async function takeInstallLock(root, say) {
  const directory = join(root, '.latchkey')
  const file = join(directory, 'install.lock')
  const mine = `${process.pid} ${hostname()}`
  mkdirSync(directory, { recursive: true })
  let interrupted = false
  let told = false
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readHolder(file)
    if (holder === undefined) continue
    if (holder.dead) {
      interrupted = takeAway(file, holder.text) || interrupted
      continue
    }
    if (!told) say(`Another install is running (process ${holder.pid}); waiting for it.`)
    told = true
    await wait(200)
  }
  const beat = setInterval(() => touch(file), 5_000)
  beat.unref()
  return {
    interrupted,
    release() {
      clearInterval(beat)
      if (readHolder(file)?.text === mine) rmSync(file, { force: true })
    },
  }
}

/** Who holds the lock and whether they are gone; undefined when it has just been released. */
function readHolder(file) {
  try {
    const text = readFileSync(file, 'utf8')
    const silent = Date.now() - statSync(file).mtimeMs > staleAfterMilliseconds
    const [pid = 0, host = ''] = /^(\d+) (.+)$/.exec(text)?.slice(1) ?? []
    const gone = host === hostname() && !isAlive(Number(pid))
    return { text, pid, dead: silent || gone }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Of several that find the same dead holder, one takes its lock away; a lock that is no longer the dead one's is put back. */
function takeAway(file, text) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, 'utf8') === text) {
      rmSync(aside, { force: true })
      return true
    }
    renameSync(aside, file)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return false
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function touch(file) {
  try {
    const now = new Date()
    utimesSync(file, now, now)
  } catch {
    // The lock is gone: nothing left to keep alive.
  }
}
