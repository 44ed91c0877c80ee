import { parseChallenges } from '@latchkey/protocol'
import type { ApiAnswer, ApiVerdict } from './auth.ts'

/**
 * What an API's answer to a request with a token asks for. A 401 that says nothing, or says it where a page cannot read
 * it, counts as a token that is no longer good.
 * @spec RFC 6750 §3.1; RFC 9470 §3; RFC 9449 §9
 */
export function judge({ status, header }: ApiAnswer): ApiVerdict {
  const challenges = parseChallenges(header('www-authenticate')).map(({ parameters }) => parameters)
  const { error, scope, acr_values, max_age = '' } = challenges.find((one) => one.error) ?? {}
  if (status === 401 && error === 'use_dpop_nonce' && header('dpop-nonce')) return { next: 'resend' }
  if (status === 403 && error === 'insufficient_scope')
    return { next: 'challenge', challenge: { kind: 'scope', scope } }
  if (status === 401 && error === 'insufficient_user_authentication') {
    const maxAgeSeconds = /^\d+$/.test(max_age) ? Number(max_age) : undefined
    return { next: 'challenge', challenge: { kind: 'step-up', acrValues: acr_values?.split(' '), maxAgeSeconds } }
  }
  return { next: status === 401 && (!error || error === 'invalid_token') ? 'renew' : 'done' }
}
