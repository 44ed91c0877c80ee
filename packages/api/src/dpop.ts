import {
  checkDpopProof,
  type DpopProof,
  jwkThumbprintInput,
  OAuthError,
  type Runtime,
  readDpopProof,
} from '@latchkey/protocol'
import { constantTimeEqual, importPublicKey, type KeyObject, mac, sha256 } from './crypto.ts'
import { memoryReplayStore, type ReplayStore } from './replay-store.ts'
import { algorithmProblems, signingAlgorithms } from './signing-algorithms.ts'

/** Sender-constrained tokens. @spec RFC 9449 */
export interface DpopOptions {
  /** `required` refuses bearer tokens, `refused` knows only them; `accepted` unless said otherwise. */
  readonly mode?: 'accepted' | 'required' | 'refused'
  /** Algorithms of proofs; ES256, EdDSA, PS256 and RS256 unless said otherwise. */
  readonly algorithms?: readonly string[]
  /** How old a proof may be; 60 unless said otherwise. */
  readonly maxAgeSeconds?: number
  /** Where proofs are remembered; in this process unless said otherwise. */
  readonly replays?: ReplayStore
  /** Asks for a nonce of ours, so that proofs cannot be made in advance. @spec RFC 9449 §9 */
  readonly nonce?: {
    /** How long a nonce serves; 300 unless said otherwise. */
    readonly lifetimeSeconds?: number
    /** At least 32 bytes that all processes of this API have; random, for one process, unless given. */
    readonly secret?: Uint8Array
  }
}

export function* dpopProblems({ mode, algorithms, maxAgeSeconds, nonce }: DpopOptions): Generator<string> {
  if (mode !== undefined && !['accepted', 'required', 'refused'].includes(mode)) {
    yield 'dpop.mode: must be "accepted", "required" or "refused"'
  }
  yield* algorithmProblems('dpop.algorithms', algorithms)
  if (maxAgeSeconds !== undefined && !(maxAgeSeconds >= 1 && maxAgeSeconds <= 3600)) {
    yield 'dpop.maxAgeSeconds: give a number from 1 to 3600'
  }
  const { lifetimeSeconds, secret } = nonce ?? {}
  if (lifetimeSeconds !== undefined && !(lifetimeSeconds >= 2 && lifetimeSeconds <= 86_400)) {
    yield 'dpop.nonce.lifetimeSeconds: give a number from 2 to 86400'
  }
  if (secret !== undefined && secret.length < 32) yield 'dpop.nonce.secret: give 32 bytes or more'
}

export interface PresentedProof {
  readonly proof: string | null | undefined
  readonly method: string
  readonly url: string
  readonly token: string
  /** `cnf.jkt` of the token. */
  readonly jkt: string
}

export interface DpopCheck {
  readonly mode: 'accepted' | 'required' | 'refused'
  /** Separated by spaces, for challenges. */
  readonly algorithms: string
  /** @throws OAuthError `invalid_dpop_proof`, `use_dpop_nonce`, or `invalid_token` for another key */
  check(presented: PresentedProof): Promise<void>
  /** The nonce that the next proof needs, where nonces are asked for. */
  nonce(): string | undefined
}

const futureSeconds = 10

export function createDpopCheck(options: DpopOptions, runtime: Runtime): DpopCheck {
  const { maxAgeSeconds = 60, replays = memoryReplayStore(), mode = 'accepted' } = options
  const algorithms = new Set(options.algorithms ?? ['ES256', 'EdDSA', 'PS256', 'RS256'])
  const nonces = options.nonce === undefined ? null : createNonces(options.nonce, runtime)

  /** A store that is away says nothing about the proof: the client may come again with another. */
  async function remember(...proof: Parameters<ReplayStore['remember']>): Promise<boolean> {
    try {
      return await replays.remember(...proof)
    } catch (cause) {
      if (cause instanceof OAuthError) throw cause
      const description = 'DPoP proofs cannot be judged right now: what was used before is not known'
      throw new OAuthError('temporarily_unavailable', description, { cause, retryAfterSeconds: 1 })
    }
  }

  return {
    mode,
    algorithms: [...algorithms].join(' '),
    nonce: () => nonces?.current(),
    async check({ proof: text, method, url, token, jkt }) {
      if (text === null || text === undefined || text === '') {
        throw new OAuthError('invalid_dpop_proof', 'the access token is bound to a key: send a DPoP proof with it')
      }
      const proof = readDpopProof(text, algorithms)
      const now = runtime.now()
      checkDpopProof(proof, { method, url, now, maxAgeSeconds, futureSeconds, ath: sha256(token) })
      requireKey(proof, jkt)
      requireSignature(proof)
      nonces?.require(proof.payload.nonce)
      const key = `dpop:${sha256(`${jkt}.${proof.payload.jti}.${proof.payload.htu}`)}`
      const isNew = await remember(key, Math.ceil(proof.payload.iat + maxAgeSeconds + 1), Math.floor(now))
      if (!isNew) throw new OAuthError('invalid_dpop_proof', 'the DPoP proof was used before: make a new one')
    },
  }
}

/** Before the signature: nobody has us calculate with a key of their choice. @spec RFC 9449 §6, §7.1; RFC 7638 */
function requireKey({ header }: DpopProof, jkt: string): void {
  const input = jwkThumbprintInput(header.jwk)
  if (input === null) throw unfit()
  if (sha256(input) !== jkt) throw new OAuthError('invalid_token', 'the access token is bound to another key')
}

/** @spec RFC 9449 §4.3 */
function requireSignature(proof: DpopProof): void {
  const { jwk, alg } = proof.header
  const algorithm = signingAlgorithms[alg]
  const fits = algorithm !== undefined && algorithm.kty === jwk.kty && [undefined, jwk.crv].includes(algorithm.crv)
  const key: KeyObject | null = fits ? importPublicKey(jwk) : null
  if (algorithm === undefined || key === null) throw unfit()
  const data = Buffer.from(proof.signingInput, 'latin1')
  if (!algorithm.verify(key, { data, signature: Buffer.from(proof.signature, 'base64url') })) {
    throw new OAuthError('invalid_dpop_proof', 'the DPoP proof cannot be accepted: its signature is wrong')
  }
}

function unfit(): OAuthError {
  return new OAuthError('invalid_dpop_proof', 'the DPoP proof cannot be accepted: its jwk does not fit its alg')
}

/** A nonce is a time with a MAC: nothing is stored, and the one before the current one still serves. @spec RFC 9449 §8 */
function createNonces(options: NonNullable<DpopOptions['nonce']>, runtime: Runtime) {
  const { lifetimeSeconds = 300, secret = runtime.randomBytes(32) } = options
  const at = (period: number) => `${period.toString(36)}.${mac(secret, `dpop nonce ${period}`).slice(0, 22)}`
  const period = () => Math.floor(runtime.now() / (lifetimeSeconds / 2))
  return {
    current: () => at(period()),
    require(nonce: string | undefined): void {
      const now = period()
      if (nonce !== undefined && [now, now - 1].some((one) => constantTimeEqual(nonce, at(one)))) return
      throw new OAuthError('use_dpop_nonce', 'the DPoP proof needs the nonce of the DPoP-Nonce header')
    },
  }
}
