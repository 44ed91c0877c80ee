import { formatChallenge } from '@latchkey/protocol'

/** What every challenge of one guard says. */
export interface ChallengeTerms {
  readonly realm: string | undefined
  /** Where the protected resource's metadata stands. @spec RFC 9728 §5.1 */
  readonly resourceMetadata: string | undefined
  readonly dpop: 'refused' | 'accepted' | 'required'
  /** Signature algorithms of proofs, separated by spaces. @spec RFC 9449 §7.1 */
  readonly dpopAlgorithms: string
}

type Parameters = Readonly<Record<string, string | undefined>>

/** The terms of a refusal that no guard stands behind. */
export const bareTerms: ChallengeTerms = {
  realm: undefined,
  resourceMetadata: undefined,
  dpop: 'refused',
  dpopAlgorithms: '',
}

/** What to bring, for each scheme that would do. @spec RFC 6750 §3; RFC 9449 §7.1 */
export function invitation(terms: ChallengeTerms): string {
  const bearer = terms.dpop === 'required' ? [] : [challenge(terms, 'Bearer', {})]
  const dpop = terms.dpop === 'refused' ? [] : [challenge(terms, 'DPoP', {})]
  return [...bearer, ...dpop].join(', ')
}

/** What was wrong, in the scheme that was used. */
export function challenge(terms: ChallengeTerms, scheme: 'Bearer' | 'DPoP', parameters: Parameters): string {
  return formatChallenge(scheme, {
    realm: terms.realm,
    ...parameters,
    resource_metadata: terms.resourceMetadata,
    algs: scheme === 'DPoP' ? terms.dpopAlgorithms : undefined,
  })
}
