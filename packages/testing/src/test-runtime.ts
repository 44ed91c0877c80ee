import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'

/** A clock that moves only when it is told to. */
export interface TestClock {
  /** Seconds since the epoch. */
  now(): number
  /** Moves on, and runs every task that falls due on the way, in order. */
  advance(seconds: number): void
}

export interface TestRuntime extends Runtime {
  readonly clock: TestClock
}

export interface TestRuntimeOptions {
  /** Seconds since the epoch; where the clock stands at first. */
  readonly now?: number
  /** What `fetch` reaches; the network unless given. */
  readonly fetch?: Runtime['fetch']
}

interface Task {
  readonly dueAt: number
  readonly run: () => void
}

/** A runtime with a clock to move; randomness stays real. */
export function testRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  let now = options.now ?? 1_800_000_000
  const tasks = new Set<Task>()
  const clock: TestClock = {
    now: () => now,
    advance(seconds) {
      const until = now + seconds
      for (let task = nextDue(tasks, until); task !== undefined; task = nextDue(tasks, until)) {
        tasks.delete(task)
        now = Math.max(now, task.dueAt)
        task.run()
      }
      now = until
    },
  }
  return {
    clock,
    now: clock.now,
    randomBytes: systemRuntime.randomBytes,
    fetch: options.fetch ?? systemRuntime.fetch,
    schedule(seconds, run) {
      const task: Task = { dueAt: now + Math.max(0, seconds), run }
      tasks.add(task)
      return () => tasks.delete(task)
    },
  }
}

function nextDue(tasks: ReadonlySet<Task>, until: number): Task | undefined {
  let next: Task | undefined
  for (const task of tasks) {
    if (task.dueAt <= until && (next === undefined || task.dueAt < next.dueAt)) next = task
  }
  return next
}
