import type { SignedOutReason } from '@latchkey/browser'
import { duration, type LifeBar, lifeBar, type TokenHistory, type TokenSpan } from './token-history.ts'

/** What the panel shows, in words and numbers. */
export interface TokenLifeView {
  /** Whether the session goes on. */
  readonly alive: boolean
  readonly bar: LifeBar
  readonly issued: string
  readonly expiryTerm: string
  readonly expiry: string
  /** The picture in words. */
  readonly label: string
  readonly renewals: number
  readonly status: string
  readonly tone: 'good' | 'warn' | 'bad' | ''
}

const endings: Readonly<Record<SignedOutReason, string>> = {
  revoked: 'revoked',
  expired: 'ended',
  'signed-out': 'signed out',
  'signed-out-elsewhere': 'signed out',
}

/** Null as long as there was no token. `now` in epoch seconds. */
export function tokenLifeView(history: TokenHistory | null, now: number): TokenLifeView | null {
  const token = history?.spans[history.spans.length - 1]
  if (history === null || token === undefined) return null
  const { end, renewals } = history
  const expired = token.expiresAt <= now
  const status = end === null ? (expired ? 'expired' : 'valid') : endings[end.because]
  return {
    alive: end === null,
    bar: lifeBar(history, now),
    ...remaining(token, end, now),
    issued: timeOfDay(token.issuedAt),
    label: `The access token's life: ${status}, renewed ${renewals} times`,
    renewals,
    status,
    tone: status === 'valid' ? 'good' : status === 'expired' ? 'warn' : status === 'revoked' ? 'bad' : '',
  }
}

/** What is left of the token's life, or when it was over. */
function remaining({ expiresAt }: TokenSpan, end: TokenHistory['end'], now: number) {
  if (end !== null) return { expiryTerm: 'Ended', expiry: timeOfDay(end.at) }
  if (expiresAt <= now)
    return { expiryTerm: 'Expired', expiry: `${duration(now - expiresAt)} ago; the next call renews it` }
  return { expiryTerm: 'Expires in', expiry: duration(expiresAt - now) }
}

function timeOfDay(at: number): string {
  return new Date(at * 1000).toLocaleTimeString()
}
