import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import { isReachable, meetsContext } from './authentication-context.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { permissionsAsked } from './permissions.ts'
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
  parts: Pick<Parts, 'store' | 'runtime' | 'acrValues' | 'subjects' | 'claimsOfScopes'>,
  request: AuthorizationRequest,
  { session, signedInHere }: Progress,
): Promise<Need> {
  if (session === null || mustSignInAgain(parts, request, { session, signedInHere })) return 'sign-in'
  const { require_consent, client_id } = request.client.metadata
  // What is asked for in detail is asked each time: nothing says that the next time is meant too.
  if (request.prompt.includes('consent') || request.authorizationDetails.length > 0) return 'consent'
  if (!require_consent) return 'nothing'
  const granted = await parts.store.consents.find(session.account.sub, client_id)
  return permissionsAsked(parts, request).every((entry) => granted.includes(entry)) ? 'nothing' : 'consent'
}

/** Prompts that want a new sign-in. @spec OIDC Core §3.1.2.1; Initiating User Registration §4 */
const repeating = ['login', 'select_account', 'create'] as const

function mustSignInAgain(
  parts: Pick<Parts, 'runtime' | 'acrValues' | 'subjects'>,
  { client, prompt, maxAge, expectedSubs, wantedContext }: AuthorizationRequest,
  { session, signedInHere }: { session: Session; signedInHere: boolean },
): boolean {
  const meets = meetsContext(parts, session.record.amr, wantedContext)
  const known = parts.subjects.of(client.metadata, session.account.sub)
  const expected = expectedSubs === null || expectedSubs.includes(known)
  if (signedInHere) {
    if (!expected) throw new OAuthError('login_required', 'another person signed in than the request names')
    // @spec OIDC Core §5.5.1.1; OIDC Unmet Authentication Requirements §2
    if (!meets && wantedContext.essential)
      throw new OAuthError(
        'unmet_authentication_requirements',
        'the person did not sign in as strongly as was asked for',
      )
    return false
  }
  if (!expected || repeating.some((value) => prompt.includes(value))) return true
  // @spec OIDC Core §3.1.2.1 acr_values: tried once where it can be reached, and left alone where not
  if (!meets && (wantedContext.essential || isReachable(parts, wantedContext))) return true
  // @spec OIDC Core §3.1.2.1 max_age
  return maxAge !== null && parts.runtime.now() - session.record.authTime > maxAge
}

/** What `prompt=none` answers where a page would be needed. @spec OIDC Core §3.1.2.6 */
export function refusalWithoutPage(need: Exclude<Need, 'nothing'>): OAuthError {
  return need === 'sign-in'
    ? new OAuthError('login_required', 'nobody is signed in, or the sign-in is too old')
    : new OAuthError('consent_required', 'the person has not allowed this yet')
}
