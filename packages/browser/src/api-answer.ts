import { asksForNonce } from '@latchkey/client'
import { parseChallenges } from '@latchkey/protocol'
import type { ApiAnswer, ApiVerdict } from './auth.ts'
import { given } from './given.ts'

/**
 * What an API's answer to a request with a token asks for. A 401 that says nothing, or says it where a page cannot read
 * it, counts as a token that is no longer good.
 * @spec RFC 6750 §3.1; RFC 9470 §3; RFC 9449 §9
 */
export function judge({ status, header }: ApiAnswer): ApiVerdict {
  if (status !== 401 && status !== 403) return { next: 'done' }
  if (asksForNonce(status, header)) return { next: 'resend' }
  const challenges = parseChallenges(header('www-authenticate')).map(({ parameters }) => parameters)
  const { error, scope, acr_values, max_age } = challenges.find((one) => one.error !== undefined) ?? {}
  if (status === 403) {
    if (error !== 'insufficient_scope') return { next: 'done' }
    return { next: 'challenge', challenge: { kind: 'scope', ...given({ scope }) } }
  }
  if (error === 'insufficient_user_authentication') {
    const age = /^\d+$/.test(max_age ?? '') ? { maxAgeSeconds: Number(max_age) } : {}
    const acr = acr_values === undefined ? {} : { acrValues: acr_values.split(' ') }
    return { next: 'challenge', challenge: { kind: 'step-up', ...acr, ...age } }
  }
  return { next: error === undefined || error === 'invalid_token' ? 'renew' : 'done' }
}
