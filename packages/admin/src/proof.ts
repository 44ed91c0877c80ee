import type { SiteSession } from '@latchkey/provider'
import { constantTimeEqual, mac } from './crypto.ts'

/** Shows that a value in an address or a form was put there by these pages, for this session. */
export function prove(session: SiteSession, ...values: readonly string[]): string {
  return mac(session.formToken, JSON.stringify(['admin', ...values]))
}

export function isProven(session: SiteSession, proof: string | undefined, ...values: readonly string[]): boolean {
  return proof !== undefined && constantTimeEqual(proof, prove(session, ...values))
}
