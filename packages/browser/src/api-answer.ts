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
  /** By status and `error`. */
  const nexts: Readonly<Record<string, ApiVerdict['next']>> = {
    '401 ': 'renew',
    '401 invalid_token': 'renew',
    '401 use_dpop_nonce': 'resend',
    '401 insufficient_user_authentication': 'challenge',
    '403 insufficient_scope': 'challenge',
  }
  const next = nexts[`${status} ${error}`] ?? 'done'
  if (next !== 'challenge') return { next }
  const maxAgeSeconds = /^\d+$/.test(max_age) ? Number(max_age) : undefined
  const stepUp = { kind: 'step-up', acrValues: acr_values?.split(' '), maxAgeSeconds } as const
  return { next, challenge: status === 403 ? { kind: 'scope', scope } : stepUp }
}
