import { OAuthError } from '@latchkey/protocol'
import type { EndpointRequest } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import type { PresentedToken } from '../tokens/presented-token.ts'
import type { SentToken } from '../tokens/sent-token.ts'
import { readProof, useProof } from './dpop.ts'
import { certificateOf } from './mutual-tls.ts'

/**
 * Holds a token against whoever sent it: a bound token is nothing without its key or certificate, and never a bearer token.
 * @throws OAuthError `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`
 * @spec RFC 9449 §7.1, §7.2; RFC 8705 §3
 */
export async function checkTokenSender(
  parts: Parts,
  asked: EndpointRequest,
  { sent, token }: { readonly sent: SentToken; readonly token: PresentedToken },
): Promise<void> {
  const jkt = token.cnf?.jkt
  const certificateHash = token.cnf?.['x5t#S256']
  if (certificateHash !== undefined && certificateOf(parts, asked.request)?.thumbprint !== certificateHash) {
    throw new OAuthError(
      'invalid_token',
      'the access token is bound to a certificate that the connection does not have',
    )
  }
  if (sent.scheme === 'bearer') {
    if (jkt === undefined) return
    throw new OAuthError('invalid_token', 'the access token is bound to a DPoP key: send it with the scheme DPoP')
  }
  const proven = readProof(parts, asked, sent.value)
  if (proven === null) throw new OAuthError('invalid_dpop_proof', 'the header DPoP is missing')
  if (jkt === undefined) throw new OAuthError('invalid_token', 'the access token is bound to no key: send it as Bearer')
  if (jkt !== proven.jkt) throw new OAuthError('invalid_token', 'the access token is bound to another DPoP key')
  await useProof(parts, proven)
}
