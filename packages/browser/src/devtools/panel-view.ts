import type { Auth } from '../auth.ts'
import type { AuthEvent } from '../auth-event.ts'

/** What the panel shows of one configuration. */
export interface PanelView {
  readonly name: string
  readonly issuer: string
  readonly status: string
  /** Seconds; null when there is no token. */
  readonly secondsLeft: number | null
  /** How much of the access token's life is left, 0 to 1. */
  readonly left: number
  readonly renewals: number
  readonly claims: readonly (readonly [name: string, value: string])[]
}

export function panelView(auth: Pick<Auth, 'state' | 'config'>, now: number): PanelView {
  const { state, config } = auth
  const common = { name: config.configId, issuer: config.issuer || 'BFF' }
  if (state.status !== 'authenticated') {
    const because = state.because === undefined ? '' : ` (${state.because})`
    return { ...common, status: state.status + because, secondsLeft: null, left: 0, renewals: 0, claims: [] }
  }
  const { issuedAt, expiresAt, renewals, claims } = state
  const secondsLeft = Math.max(0, expiresAt - now)
  const left = expiresAt > issuedAt ? Math.min(1, secondsLeft / (expiresAt - issuedAt)) : 0
  const rows = Object.entries(claims).map(([name, value]) => [name, claimText(name, value)] as const)
  return { ...common, status: state.status, secondsLeft, left, renewals, claims: rows }
}

/** Instants read as times; the nonce is nobody's business. */
function claimText(name: string, value: unknown): string {
  if (name === 'nonce') return '…'
  if (['exp', 'iat', 'auth_time', 'nbf'].includes(name) && typeof value === 'number') return at(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** One line; there is nothing secret in an event. */
export function eventLine(event: AuthEvent): string {
  if (event.type === 'state-changed') return `state: ${event.state.status}`
  if (event.type === 'signed-in') return `signed in by ${event.by}`
  if (event.type === 'signed-out') return `signed out: ${event.because}`
  if (event.type === 'renewed') return `renewed${event.resource === undefined ? '' : ` for ${event.resource}`}`
  if (event.type === 'renewal-failed') return `renewal failed: ${event.error.code}, remedy: ${event.error.remedy}`
  if (event.type === 'sign-in-failed')
    return `sign-in failed: ${event.error instanceof Error ? event.error.message : ''}`
  if (event.type === 'api-challenge') return `an API asks for ${event.challenge.kind}`
  if (event.type === 'leaving') return `leaving for ${event.to}`
  return event.type
}

/** Hours, minutes and seconds in UTC. */
export function at(seconds: number): string {
  const rest = Math.floor(seconds) % 86_400
  return [rest / 3600, (rest / 60) % 60, rest % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':')
}
