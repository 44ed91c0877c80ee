import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { permissionsOf } from './permissions.ts'
import type { Session } from './session.ts'

export type Need = 'sign-in' | 'consent' | 'nothing'

/** What is known of the person when it is judged what is still needed. */
export interface Progress {
  readonly session: Session | null
  /** Whether this very session signed in for this very request. */
  readonly signedInHere: boolean
}

/** What a person still has to do before the request is granted. @spec OIDC Core §3.1.2.3, §3.1.2.4 */
export async function whatIsNeeded(
  parts: Pick<Parts, 'store' | 'runtime'>,
  request: AuthorizationRequest,
  { session, signedInHere }: Progress,
): Promise<Need> {
  if (session === null || mustSignInAgain(request, { session, signedInHere }, parts.runtime.now())) return 'sign-in'
  const { require_consent, client_id } = request.client.metadata
  if (request.prompt.includes('consent')) return 'consent'
  if (!require_consent) return 'nothing'
  const granted = await parts.store.consents.find(session.account.sub, client_id)
  return permissionsOf(request.resources, request.scope).every((entry) => granted.includes(entry))
    ? 'nothing'
    : 'consent'
}

function mustSignInAgain(
  { prompt, maxAge, hintedSub }: AuthorizationRequest,
  { session, signedInHere }: { session: Session; signedInHere: boolean },
  now: number,
): boolean {
  const expected = hintedSub === null || hintedSub === session.account.sub
  if (signedInHere) {
    if (!expected) throw new OAuthError('login_required', 'another person signed in than id_token_hint names')
    return false
  }
  if (!expected || prompt.includes('login') || prompt.includes('select_account')) return true
  // @spec OIDC Core §3.1.2.1 max_age
  return maxAge !== null && now - session.record.authTime > maxAge
}

/** What `prompt=none` answers where a page would be needed. @spec OIDC Core §3.1.2.6 */
export function refusalWithoutPage(need: Exclude<Need, 'nothing'>): OAuthError {
  return need === 'sign-in'
    ? new OAuthError('login_required', 'nobody is signed in, or the sign-in is too old')
    : new OAuthError('consent_required', 'the person has not allowed this yet')
}
