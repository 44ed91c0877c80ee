import { type AccessTokenClaims, isLoopbackHost, OAuthError } from '@latchkey/protocol'
import type { GuardRequest } from './credentials.ts'
import { sha256Bytes } from './crypto.ts'
import type { DpopCheck } from './dpop.ts'
import { shown } from './shown.ts'

interface Came {
  readonly token: string
  readonly scheme: 'Bearer' | 'DPoP'
  readonly request: GuardRequest
}

/** How the guard holds bindings against requests. */
export interface BindingTerms {
  readonly dpop: DpopCheck
  /** Where clients see this API: none where nobody said so. */
  readonly publicOrigins: readonly string[]
  readonly trustClientCert: boolean
}

/** A token bound to a key is worth nothing without the proof. @spec RFC 9449 §7.2; RFC 8705 §3 */
export function refuseBoundToken(payload: Pick<AccessTokenClaims, 'cnf'>): void {
  if ('cnf' in payload) throw bound(payload.cnf)
}

/**
 * Holds the token's binding against what came with it.
 * @throws OAuthError `invalid_token` or `invalid_dpop_proof`
 * @spec RFC 7800 §3; RFC 9449 §7.1; RFC 8705 §3
 */
export function checkBinding(payload: AccessTokenClaims, came: Came, terms: BindingTerms): Promise<void> | undefined {
  if (!('cnf' in payload)) {
    if (came.scheme === 'DPoP') {
      throw new OAuthError('invalid_token', 'the access token is not bound to a key: it was not issued for DPoP')
    }
    if (terms.dpop.mode === 'required')
      throw new OAuthError('invalid_token', 'this API takes only tokens bound to a key')
    return undefined
  }
  return checkConfirmation(payload, came, terms)
}

async function checkConfirmation(payload: AccessTokenClaims, came: Came, terms: BindingTerms): Promise<void> {
  const { cnf } = payload
  if (typeof cnf !== 'object' || cnf === null) throw bound(cnf)
  const members: Readonly<Record<string, unknown>> = { ...cnf }
  const names = Object.keys(members)
  // A binding that is not understood here is not one that can be waved through.
  if (names.length === 0 || names.some((name) => name !== 'jkt' && name !== 'x5t#S256')) throw bound(cnf)
  if ('x5t#S256' in members) requireCertificate(members['x5t#S256'], came.request, terms)
  if ('jkt' in members) {
    if (came.scheme !== 'DPoP' || terms.dpop.mode === 'refused' || typeof members.jkt !== 'string') throw bound(cnf)
    const { request } = came
    const { dpop: proof, method = 'GET' } = request
    const url = addressOf(request, terms.publicOrigins)
    await terms.dpop.check({ proof, method, url, token: came.token, jkt: members.jkt })
  } else if (came.scheme === 'DPoP') {
    throw new OAuthError('invalid_token', 'the access token is not bound to a DPoP key')
  }
}

/** @spec RFC 8705 §3.1; RFC 9440 §2.1 */
function requireCertificate(thumbprint: unknown, request: GuardRequest, terms: BindingTerms): void {
  // What the proxy says first: the connection is then its own, maybe with a certificate of its own.
  const told = terms.trustClientCert ? certificateOfHeader(request.clientCert) : undefined
  const der = told ?? request.certificate?.()
  if (der === undefined || sha256Bytes(der) !== thumbprint) {
    const why = der === undefined ? 'no client certificate came' : 'another client certificate came'
    throw new OAuthError('invalid_token', `the access token is bound to a client certificate: ${why}`)
  }
}

/**
 * The address that a proof has to name. Its host is what the sender wrote, who could have a proof that was made for a host of
 * his: it only chooses among the origins that are this API's own. On a developer's machine it is believed.
 * @spec RFC 9449 §4.3, §11.1
 */
function addressOf(request: GuardRequest, publicOrigins: readonly string[]): string {
  const text = request.url?.()
  if (text === undefined) throw cannotJudge('url: hand the address of the request to authenticate()')
  if (!URL.canParse(text)) {
    const description = 'the address of the request cannot be read: its Host header or its path is malformed'
    throw new OAuthError('invalid_request', description)
  }
  const { origin, host, hostname, pathname } = new URL(text)
  const own = publicOrigins.find((one) => new URL(one).host === host) ?? publicOrigins[0]
  if (own !== undefined) return own + pathname
  if (isLoopbackHost(hostname)) return origin + pathname
  throw cannotJudge(`publicOrigin: say under which origin clients see this API, such as "${origin}"`)
}

function cannotJudge(detail: string): OAuthError {
  return new OAuthError('server_error', 'this API does not know its own origin and cannot judge proofs', { detail })
}

function certificateOfHeader(header: string | null | undefined): Uint8Array | undefined {
  const encoded = /^:([A-Za-z0-9+/]+=*):$/.exec(header ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}

function bound(cnf: unknown): OAuthError {
  const detail = `cnf has ${typeof cnf === 'object' && cnf !== null ? shown(Object.keys(cnf)) : shown(cnf)}`
  const description = 'the access token is bound to a key and must not be sent as a bearer token'
  return new OAuthError('invalid_token', description, { detail })
}
