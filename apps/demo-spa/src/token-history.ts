import type { AuthState, SignedOutReason } from '@latchkey/browser'

export interface TokenSpan {
  /** Epoch seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** The tokens of one session as this page saw them, oldest first. */
export interface TokenHistory {
  readonly spans: readonly TokenSpan[]
  readonly renewals: number
  readonly end: { readonly at: number; readonly because: SignedOutReason } | null
}

const longest = 8

/** What the page knows after `state`, which came at `now` (epoch seconds). Null as long as nobody was signed in. */
export function followState(history: TokenHistory | null, state: AuthState, now: number): TokenHistory | null {
  if (state.status === 'unknown') return history
  if (state.status === 'anonymous') {
    if (history === null || history.end !== null || state.because === undefined) return history
    return { ...history, end: { at: now, because: state.because } }
  }
  const span = { issuedAt: state.issuedAt, expiresAt: state.expiresAt }
  const goesOn = history !== null && history.end === null && state.renewals >= history.renewals
  const before = goesOn ? history.spans.filter((one) => one.issuedAt !== span.issuedAt) : []
  return { spans: [...before, span].slice(-longest), renewals: state.renewals, end: null }
}

/** Where things stand on the bar, in percent of its width. */
export interface LifeBar {
  /** When a token was valid, and how much of that is used up. */
  readonly valid: readonly { readonly from: number; readonly width: number; readonly used: number }[]
  readonly renewals: readonly number[]
  readonly now: number
  /** Where a revocation cut the life off. */
  readonly cut: number | null
}

/** From the first token's issue to the last one's expiry, or to now where that is later. */
export function lifeBar({ spans, end }: TokenHistory, now: number): LifeBar {
  const first = spans[0]?.issuedAt ?? now
  const last = spans[spans.length - 1]?.expiresAt ?? now
  const stop = end?.at ?? now
  const length = Math.max(1, Math.max(last, stop) - first)
  const percent = (at: number) => Math.min(100, Math.max(0, ((at - first) / length) * 100))
  return {
    valid: spans.map((span, index) => {
      const until = Math.min(span.expiresAt, spans[index + 1]?.issuedAt ?? span.expiresAt)
      const from = percent(span.issuedAt)
      return { from, width: percent(until) - from, used: Math.max(0, percent(Math.min(until, stop)) - from) }
    }),
    renewals: spans.slice(1).map((span) => percent(span.issuedAt)),
    now: percent(stop),
    cut: end === null ? null : percent(end.at),
  }
}

/** `59 min 12 s`; the largest two units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`
}
