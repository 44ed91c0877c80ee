import { ProtocolError } from '@latchkey/protocol'
import type { AuthState } from './auth-state.ts'
import { findOut } from './find-out.ts'
import type { Parts } from './parts.ts'

export interface Start {
  /** Finds out once; every caller gets the same answer. A failure worth a retry may be tried again. */
  (): Promise<AuthState>
  /** Resolves when it is known who is there; nobody is told "nobody" before. */
  known(signal?: AbortSignal): Promise<void>
}

export function createStart(parts: Parts): Start {
  const { platform, holder } = parts
  let finding: Promise<AuthState> | null = null

  async function find(): Promise<AuthState> {
    try {
      return await findOut(parts)
    } catch (error) {
      if (error instanceof ProtocolError && error.retryable) finding = null
      else holder.declareAnonymous()
      throw error
    }
  }

  async function start(): Promise<AuthState> {
    if (!platform.interactive) return holder.state
    finding ??= find()
    await finding
    return holder.state
  }

  async function known(signal?: AbortSignal): Promise<void> {
    if (!platform.interactive || holder.state.status !== 'unknown') return
    try {
      await untilAborted(start(), signal)
    } catch (error) {
      if (holder.state.status === 'unknown') throw error
    }
  }

  return Object.assign(start, { known })
}

/** The caller's wait ends with its signal; the work goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
