import type { ClientMetadata } from '@latchkey/protocol'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'

/**
 * What is wrong with a client's `sector_identifier_uri`, or undefined: the list that stands there must hold all of its
 * redirect URIs. @spec OIDC Registration §5; OIDC Core §8.1
 */
export async function sectorIdentifierProblem(
  outbound: Outbound,
  client: Pick<ClientMetadata, 'redirect_uris' | 'sector_identifier_uri'>,
): Promise<string | undefined> {
  const { sector_identifier_uri: uri, redirect_uris: redirects } = client
  if (uri === undefined) return undefined
  let listed: unknown
  try {
    const answer = await outbound.send(uri, { contentTypes: ['application/json'] })
    if (answer.status !== 200) return `sector_identifier_uri answers with status ${answer.status}`
    listed = JSON.parse(answer.body)
  } catch (error) {
    if (error instanceof OutboundError) return `sector_identifier_uri cannot be read: ${error.message}`
    return 'sector_identifier_uri does not answer with JSON'
  }
  if (!Array.isArray(listed)) return 'sector_identifier_uri does not answer with a list of redirect URIs'
  const missing = redirects.find((redirect) => !listed.includes(redirect))
  return missing === undefined ? undefined : `sector_identifier_uri does not list the redirect URI "${missing}"`
}
