import {
  checkDpopProof,
  type DpopProof,
  jwkThumbprintInput,
  OAuthError,
  readDpopProof,
  type SigningAlg,
} from '@latchkey/protocol'
import { fitsAlg, verifies } from '../client-keys/verify-client-jws.ts'
import { sha256 } from '../crypto.ts'
import type { EndpointRequest } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'
import { nonceLifeSeconds } from './dpop-nonces.ts'

/** A proof that holds for this request; `useProof` tells whether it is used for the first time. */
export interface ProvenKey {
  /** The thumbprint of its key. @spec RFC 9449 §6.1 */
  readonly jkt: string
  /** What to remember so that it is not used again. */
  readonly replay: { readonly key: string; readonly expiresAt: number }
}

/** The algorithms of proofs and assertions that clients sign with a private key. */
export function proofAlgs({ profile }: Pick<Parts, 'profile'>): readonly SigningAlg[] {
  return algsUnder(profile)
}

/** Seconds that a client's clock may be off without a nonce of ours. */
const narrowSeconds = 60
/** Seconds that it may be off with one: the nonce says when the proof was made. @spec RFC 9449 §4.3, §11.1 */
const wideSeconds = 300

type Proving = Pick<Parts, 'profile' | 'issuer' | 'mutualTls' | 'runtime' | 'dpopNonces' | 'requireDpopNonces'>

/**
 * The proof of this request, judged without asking the store; null when there is none.
 * @throws OAuthError `invalid_dpop_proof`, or `use_dpop_nonce` with a nonce to use
 * @spec RFC 9449 §4.3
 */
export function readProof(
  parts: Proving,
  { request, path }: Pick<EndpointRequest, 'request' | 'path'>,
  accessToken?: string,
): ProvenKey | null {
  const header = request.headers.get('dpop')
  if (header === null) return null
  const proof = readDpopProof(header, new Set(proofAlgs(parts)))
  const jkt = provenThumbprint(proof)
  const now = parts.runtime.now()
  checkDpopProof(proof, {
    method: request.method,
    url: calledUrl(parts, path, proof.payload.htu),
    now,
    maxAgeSeconds: wideSeconds,
    futureSeconds: wideSeconds,
    ...(accessToken === undefined ? {} : { ath: sha256(accessToken) }),
  })
  checkNonce(parts, proof, now)
  const { nonce, iat, jti } = proof.payload
  const expiresAt = Math.ceil(nonce === undefined ? iat + narrowSeconds : now + nonceLifeSeconds) + 1
  return { jkt, replay: { key: `dpop:${sha256(`${jkt}\n${jti}`)}`, expiresAt } }
}

/**
 * Uses a proof up, at whichever node it comes in again.
 * @throws OAuthError `invalid_dpop_proof`
 * @spec RFC 9449 §11.1
 */
export async function useProof({ store, runtime }: Pick<Parts, 'store' | 'runtime'>, proven: ProvenKey): Promise<void> {
  const { key, expiresAt } = proven.replay
  if (await store.replays.remember(key, expiresAt, runtime.now())) return
  throw new OAuthError('invalid_dpop_proof', 'the DPoP proof cannot be accepted: it was used before')
}

/** What an answer tells a client of nonces: the one to use next, where they are used. @spec RFC 9449 §8.2 */
export function nonceHeaders(parts: Pick<Parts, 'dpopNonces' | 'requireDpopNonces'>): Record<string, string> {
  return parts.requireDpopNonces ? { 'dpop-nonce': parts.dpopNonces.current() } : {}
}

function provenThumbprint(proof: DpopProof): string {
  const { jwk } = proof.header
  const alg = proof.header.alg as SigningAlg
  const text = jwkThumbprintInput(jwk)
  const isWeak = jwk.kty === 'RSA' && String(jwk.n).length < 342
  if (text === null || isWeak || !fitsAlg(jwk, alg)) throw refused('its jwk is no key for its alg')
  const signed = { alg, input: proof.signingInput, signature: proof.signature }
  if (!verifies(jwk, signed)) throw refused('its signature does not verify under its jwk')
  return sha256(text)
}

/** At the issuer's own address, or at the one where certificates are asked for; whatever name a proxy uses inside. */
function calledUrl({ issuer, mutualTls }: Proving, path: string, htu: string): string {
  const alias = mutualTls?.endpointBase
  return (alias !== undefined && htu.startsWith(alias) ? alias : issuer) + path
}

/** A client whose clock is wrong is given a nonce instead of a refusal. @spec RFC 9449 §8 */
function checkNonce(parts: Proving, { payload }: DpopProof, now: number): void {
  const { nonce, iat } = payload
  if (nonce !== undefined) {
    if (!parts.dpopNonces.isValid(nonce)) throw nonceNeeded(parts, 'the nonce of the DPoP proof is not one of now')
  } else if (parts.requireDpopNonces) {
    throw nonceNeeded(parts, 'the DPoP proof needs the nonce of this answer')
  } else if (Math.abs(iat - now) > narrowSeconds) {
    throw nonceNeeded(parts, 'iat of the DPoP proof is off; send another with the nonce of this answer')
  }
}

function nonceNeeded({ dpopNonces }: Proving, description: string): OAuthError {
  return new OAuthError('use_dpop_nonce', description, { headers: { 'dpop-nonce': dpopNonces.current() } })
}

function refused(why: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', `the DPoP proof cannot be accepted: ${why}`)
}
