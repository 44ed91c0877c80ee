import type { SigningAlg } from '@latchkey/protocol'
import { verifyClientJws } from '../client-keys/verify-client-jws.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import { proofAlgs } from '../sender-constraint/dpop.ts'
import { assertionPresentation, refuteClaims } from './client-assertion.ts'
import type { ClientAuthMethod, Proof } from './client-auth-method.ts'

/** An assertion that one of the client's private keys signed. @spec OIDC Core §9; RFC 7523 §2.2 */
export const privateKeyJwt: ClientAuthMethod = {
  name: 'private_key_jwt',
  presentation: assertionPresentation,
  async refute(parts, proof) {
    const { assertion } = proof.presented
    if (assertion === undefined) return 'there is no assertion'
    const { client_id: id, token_endpoint_auth_signing_alg: registered } = proof.client.metadata
    const algs = proofAlgs(parts)
    const alg = algs.find((each) => each === assertion.alg)
    if (alg === undefined) return `alg of the assertion must be one of ${algs.join(', ')}`
    if (registered !== undefined && registered !== alg) return `client "${id}" registered ${registered}, not ${alg}`
    return (await refuteSignature(parts, proof, alg)) ?? refuteClaims(parts, assertion, proof.request)
  },
}

async function refuteSignature(
  parts: Pick<Parts, 'clientKeys'>,
  { client, presented }: Proof,
  alg: SigningAlg,
): Promise<string | null> {
  const { assertion } = presented
  if (assertion === undefined) return 'there is no assertion'
  try {
    if (await verifyClientJws(parts.clientKeys, client.metadata, { ...assertion, alg })) return null
  } catch (error) {
    if (error instanceof OutboundError) return `the keys of the client cannot be had: ${error.message}`
    throw error
  }
  return `no key of client "${client.metadata.client_id}" made the assertion's signature`
}
