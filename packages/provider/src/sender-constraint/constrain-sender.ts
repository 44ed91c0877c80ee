import { OAuthError } from '@latchkey/protocol'
import type { Authorization } from '../grants/grant.ts'
import type { EndpointRequest } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import type { Soon } from '../soon.ts'
import type { Grounds } from '../store/store.ts'
import { type ProvenKey, readProof, useProof } from './dpop.ts'
import { certificateOf } from './mutual-tls.ts'

type Confirmation = NonNullable<Grounds['cnf']>

/** What the sender of a token request proved to hold. */
export interface Sender {
  readonly key: ProvenKey | null
  /** SHA-256 of its certificate. */
  readonly certificateHash: string | null
}

/** @throws OAuthError `invalid_dpop_proof`, `use_dpop_nonce` */
export function readSender(parts: Parts, asked: EndpointRequest): Sender {
  return { key: readProof(parts, asked), certificateHash: certificateOf(parts, asked.request)?.thumbprint ?? null }
}

/**
 * Binds what a grant decided to what its sender holds; the proof is used up.
 * @throws OAuthError `invalid_grant` where it is bound to something else already, `invalid_request` where proof or
 * certificate are missing, `invalid_dpop_proof` where the proof was used before
 * @spec RFC 9449 §5; RFC 8705 §3
 */
export function constrainSender(parts: Parts, authorization: Authorization, sender: Sender): Soon<Authorization> {
  const { grounds } = authorization
  const key = keyConfirmation(authorization, sender)
  const certificate = certificateConfirmation(authorization, sender)
  const cnf = key === null && certificate === null ? null : { ...key, ...certificate }
  if (grounds.cnf === null && sender.key === null && cnf === null) return authorization
  const constrained = { ...authorization, grounds: { ...grounds, cnf } }
  return sender.key === null ? constrained : useProof(parts, sender.key).then(() => constrained)
}

/** @spec RFC 9449 §5, §5.2, §10 */
function keyConfirmation(authorization: Authorization, { key }: Sender): Confirmation | null {
  const { client, grounds } = authorization
  const bound = grounds.cnf?.jkt
  if (key === null) {
    if (bound === undefined && !client.metadata.dpop_bound_access_tokens) return null
    // What was bound once never becomes a bearer token.
    throw new OAuthError('invalid_request', 'this request needs a DPoP proof: its tokens are bound to a key')
  }
  if (bound !== undefined && bound !== key.jkt && !mayChange(authorization)) {
    throw new OAuthError('invalid_grant', 'what is presented is bound to another DPoP key')
  }
  return { jkt: key.jkt }
}

/** @spec RFC 8705 §3, §4 */
function certificateConfirmation(authorization: Authorization, { certificateHash }: Sender): Confirmation | null {
  const { client, grounds } = authorization
  const bound = grounds.cnf?.['x5t#S256']
  if (bound === undefined && !client.metadata.tls_client_certificate_bound_access_tokens) return null
  if (certificateHash === null) {
    throw new OAuthError('invalid_request', 'this request needs a client certificate: its tokens are bound to one')
  }
  if (bound !== undefined && bound !== certificateHash && !mayChange(authorization)) {
    throw new OAuthError('invalid_grant', 'what is presented is bound to another certificate')
  }
  return { 'x5t#S256': certificateHash }
}

/**
 * The refresh token of a client that proves who it is needs no key besides: the client may take a new one. A token that
 * was rotated already comes from whoever has the key it was used with. @spec RFC 9449 §5; RFC 8705 §7.1
 */
function mayChange({ client, proof }: Authorization): boolean {
  if (client.metadata.token_endpoint_auth_method === 'none' || proof.kind !== 'refresh') return false
  return !('rotatedAt' in proof.record) || proof.record.rotatedAt === null
}
