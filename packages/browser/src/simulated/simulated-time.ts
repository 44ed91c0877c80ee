import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { pendingCryptoWork } from './web-crypto-work.ts'

/** Whoever a task belongs to: a dead owner's tasks never run, a frozen one's wait. */
export interface TaskOwner {
  dead: boolean
  frozen: boolean
}

interface Task {
  readonly at: number
  readonly order: number
  readonly owner: TaskOwner
  readonly run: () => void
  cancelled: boolean
}

/** Turns of the real event loop that must pass without news before the clock moves; requests and digests count as news. */
const quietTurns = 2
/** The same before the clock leaps, in turns, and how far a leap is, in seconds. */
const quietTurnsBeforeLeap = 25
const leapSeconds = 0.5
/** After waiting this often for a leap it is an error to wait on. */
const patienceTurns = 100

/** A clock that only moves when everything that could happen now has happened. */
export interface SimulatedTime {
  now(): number
  /** A repeatable number from 0 to 1. */
  random(): number
  after(seconds: number, owner: TaskOwner, run: () => void): () => void
  /** The clock stands still while real work, such as a request, is on its way. */
  during<T>(work: Promise<T>): Promise<T>
  /** Moves the clock from task to task until `promise` settles; an error when nothing is left that could settle it. */
  run<T>(promise: Promise<T>): Promise<T>
  /** Moves the clock, running what falls due. */
  advance(seconds: number): Promise<void>
}

export function createSimulatedTime(seed: number, startAt = 1_800_000_000): SimulatedTime {
  pendingCryptoWork()
  let now = startAt
  let order = 0
  let inFlight = 0
  let tasks: Task[] = []
  const random = seededRandom(seed)

  function due(until: number): Task | undefined {
    tasks = tasks.filter((task) => !task.cancelled && !task.owner.dead)
    let next: Task | undefined
    for (const task of tasks) {
      if (task.owner.frozen || task.at > until) continue
      if (next === undefined || task.at < next.at || (task.at === next.at && task.order < next.order)) next = task
    }
    return next
  }

  function step(task: Task): void {
    task.cancelled = true
    now = Math.max(now, task.at)
    task.run()
  }

  /** Waits until what can happen without the clock has happened. */
  async function quiet(until: number, done: () => boolean): Promise<void> {
    for (let turns = 0; !done(); turns++) {
      if (inFlight + pendingCryptoWork() > 0) turns = 0
      const next = due(until)
      const enough = next === undefined || next.at - now > leapSeconds ? quietTurnsBeforeLeap : quietTurns
      if (turns >= enough) return
      await turn()
    }
  }

  return {
    now: () => now,
    random,
    after(seconds, owner, run) {
      const task: Task = { at: now + Math.max(0, seconds), order: order++, owner, run, cancelled: false }
      tasks.push(task)
      return () => {
        task.cancelled = true
      }
    },
    async during(work) {
      inFlight++
      try {
        return await work
      } finally {
        inFlight--
      }
    },
    async run(promise) {
      let settled = false
      const settle = () => {
        settled = true
      }
      promise.then(settle, settle)
      for (let idle = 0; idle < patienceTurns; idle++) {
        await quiet(Number.POSITIVE_INFINITY, () => settled)
        if (settled) return promise
        const task = due(Number.POSITIVE_INFINITY)
        if (task === undefined) continue
        step(task)
        idle = 0
      }
      throw new Error(`nothing is left to happen (seed ${seed})`)
    },
    async advance(seconds) {
      const until = now + seconds
      for (;;) {
        await quiet(until, () => false)
        const task = due(until)
        if (task === undefined) break
        step(task)
      }
      now = until
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    systemRuntime.schedule(0, resolve)
  })
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
