import { abortable } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { AuthState } from './auth-state.ts'
import { findOut } from './find-out.ts'
import type { Parts } from './parts.ts'

export interface Start {
  /** Finds out once; every caller gets the same answer. A failure worth a retry may be tried again. */
  (): Promise<AuthState>
  /** What the sign-in that this page completed was given. */
  appState(): unknown
  /** Resolves when it is known who is there; nobody is told "nobody" before. */
  known(signal?: AbortSignal): Promise<void>
}

export function createStart(parts: Parts): Start {
  const { platform, holder, events } = parts
  let finding: Promise<AuthState> | null = null
  let appState: unknown

  async function find(): Promise<AuthState> {
    try {
      return await findOut(parts, (returned) => {
        appState = returned
      })
    } catch (error) {
      if (error instanceof ProtocolError && error.retryable) {
        finding = null
        holder.declareUnreachable()
      } else holder.declareAnonymous()
      events.emit({ type: 'sign-in-failed', error })
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
      await abortable(start(), signal)
    } catch (error) {
      if (holder.state.status === 'unknown') throw error
    }
  }

  return Object.assign(start, { known, appState: () => appState })
}
