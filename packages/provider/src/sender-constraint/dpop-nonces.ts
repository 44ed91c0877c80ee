import type { Runtime } from '@latchkey/protocol'
import { constantTimeEqual, mac } from '../crypto.ts'

/** Seconds after which a new nonce takes over; the one before counts as long again. */
const windowSeconds = 120

/** Nonces that every node computes and none keeps: one a stretch of time, unguessable without the key. @spec RFC 9449 §8 */
export interface DpopNonces {
  current(): string
  isValid(nonce: string): boolean
}

export function createDpopNonces(key: Uint8Array, runtime: Pick<Runtime, 'now'>): DpopNonces {
  const nonceOf = (window: number) => mac(key, `dpop nonce ${window}`).slice(0, 22)
  const now = () => Math.floor(runtime.now() / windowSeconds)
  return {
    current: () => nonceOf(now()),
    isValid: (nonce) => [now(), now() - 1].some((window) => constantTimeEqual(nonceOf(window), nonce)),
  }
}

/** Seconds for which a nonce may still be valid. */
export const nonceLifeSeconds = windowSeconds * 2
