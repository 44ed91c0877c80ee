import type { BffOptions } from '@latchkey/bff'

/** How a BFF process is set up by its parent. */
export interface BffStart {
  readonly options: Omit<BffOptions, 'store' | 'sessionKey' | 'runtime' | 'onEvent'>
  readonly file: string
  /** base64url */
  readonly sessionKey: string
}

/** Where in its next renewal a process kills itself. */
export type RenewalStep = 'before-request' | 'while-asking' | 'after-answer' | 'after-commit'

/** Calls to make at once. */
export interface BffOrder {
  readonly id: number
  /** What every process's clock showed at the real instant `sentAt`, epoch seconds; from there it goes on by itself. */
  readonly now: number
  readonly sentAt: number
  readonly dieAt?: RenewalStep
  readonly calls: readonly { readonly path: string; readonly cookie: string }[]
}

export type BffReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly answers: readonly Answered[] }

/** An answer's status and, where it is a problem, what it says. */
export type Answered = readonly [status: number, problem?: string]
