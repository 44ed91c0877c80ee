import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'

/** Kept, since the drive puts a faster one in its place for libraries that keep time by it. */
const realNow = Date.now

/** The real world in which time passes `factor` times as fast, counted from the same instant in every process. */
export function fastRuntime(from: number, factor: number): Runtime {
  return {
    ...systemRuntime,
    now: () => from + (realNow() / 1000 - from) * factor,
    schedule: (seconds, task) => systemRuntime.schedule(seconds / factor, task),
  }
}
