import { type ClientMetadata, OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import { sectorIdentifierProblem } from '../subjects/sector-identifier.ts'

/**
 * What can be judged only by asking elsewhere: the list at its sector identifier, and the operator's policy.
 * @throws OAuthError `invalid_client_metadata` @spec OIDC Registration §5; RFC 7591 §3.2.2
 */
export async function judgeClient(
  { outbound, registration }: Pick<Parts, 'outbound' | 'registration'>,
  client: ClientMetadata,
): Promise<void> {
  const problem = (await sectorIdentifierProblem(outbound, client)) ?? (await registration.policy(client))
  if (problem !== null && problem !== undefined) throw new OAuthError('invalid_client_metadata', problem)
}
