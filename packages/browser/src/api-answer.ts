import { parseChallenges } from '@latchkey/protocol'
import type { ApiAnswer, ApiVerdict } from './auth.ts'

/**
 * What an API's answer to a request with a token asks for. A 401 that says nothing, or says it where a page cannot read
 * it, counts as a token that is no longer good.
 * @spec RFC 6750 §3.1; RFC 9470 §3; RFC 9449 §9
 */
export function judge({ status, header }: ApiAnswer): ApiVerdict {
  const challenge = parseChallenges(header('www-authenticate')).find(({ parameters }) => parameters.error)
  const { error = '', scope, acr_values, max_age = '' } = challenge?.parameters ?? {}
  const refusal = `${status} ${error}`
  if (/^401 (invalid_token)?$/.test(refusal)) return { next: 'renew' }
  if (refusal === '401 use_dpop_nonce' && header('dpop-nonce')) return { next: 'resend' }
  if (refusal === '403 insufficient_scope') return { next: 'challenge', challenge: { kind: 'scope', scope } }
  if (refusal !== '401 insufficient_user_authentication') return { next: 'done' }
  const maxAgeSeconds = /^\d+$/.test(max_age) ? Number(max_age) : undefined
  return { next: 'challenge', challenge: { kind: 'step-up', acrValues: acr_values?.split(' '), maxAgeSeconds } }
}
