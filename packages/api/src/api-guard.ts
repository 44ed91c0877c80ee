import { type AccessToken, accessToken } from './access-token.ts'
import type { ChallengeTerms } from './challenge.ts'
import { type GuardRequest, isHeaderOnly, readCredentials, type TokenPlace } from './credentials.ts'
import { createDpopCheck, type DpopOptions, dpopProblems } from './dpop.ts'
import { type AccessTokenVerifierOptions, readOptions } from './options.ts'
import { type Refusal, refuse, refuseAnonymous } from './refusal.ts'
import { checkBinding } from './token-binding.ts'
import { type TokenEnd, watchToken } from './token-end.ts'
import { createTokenJudge, type TokenJudge } from './verify-access-token.ts'

export interface ApiGuardOptions extends AccessTokenVerifierOptions {
  /** The `realm` of challenges; the first audience unless said otherwise. */
  readonly realm?: string
  /** False lets requests without any credential through as anonymous; a bad credential never passes. */
  readonly authRequired?: boolean
  /** Where an access token may stand: the header alone unless said otherwise, and always there too. @spec RFC 6750 §2 */
  readonly tokenPlaces?: readonly TokenPlace[]
  readonly dpop?: DpopOptions
  /** Address of the API's own metadata, for challenges. @spec RFC 9728 §5.1 */
  readonly resourceMetadata?: string
  /**
   * The origin under which clients see this API, or several. DPoP proofs are held against it, never against the `Host` header
   * alone, so bound tokens are not taken without it, except on a loopback address. @spec RFC 9449 §4.3
   */
  readonly publicOrigin?: string | readonly string[]
  /** Trust the `Client-Cert` header of a proxy that ends TLS and always sets or removes it. @spec RFC 9440 §4 */
  readonly trustClientCertHeader?: boolean
}

/** What was decided about a request. `headers` belong on the answer. */
export type Decision =
  | { readonly outcome: 'admitted'; readonly auth: AccessToken; readonly headers?: Readonly<Record<string, string>> }
  | { readonly outcome: 'anonymous' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/** Decides who may pass, for any framework: an adapter hands in header text and sends a refusal as it is. */
export interface ApiGuard {
  /**
   * Never throws. A token seen before is decided upon at once, without a promise; `await` serves for both.
   */
  authenticate(request: GuardRequest): Decision | Promise<Decision>
  /** Watches an admitted token: for streams that outlive their request. */
  watch(auth: AccessToken): TokenEnd
  /** Resolves when the revocation feed was read for the first time, or at once where there is none. */
  ready(): Promise<void>
  /** How the revocation feeds stand, one for each issuer that has one. */
  feeds(): readonly FeedState[]
  /** Ends the revocation feed and writes what is to be kept. */
  close(): Promise<void>
}

export interface FeedState {
  readonly issuer: string
  readonly fresh: boolean
  /** Seconds since the feed was last known to be complete. */
  readonly ageSeconds: number
  readonly held: number
  readonly bytes: number
}

/** @throws ConfigError with every problem of the options */
export function createApiGuard(options: ApiGuardOptions): ApiGuard {
  const settings = readOptions(options, guardProblems(options))
  const { runtime, onError, onEvent } = settings
  const dpop = createDpopCheck(options.dpop ?? {}, runtime)
  const judge = createTokenJudge(settings)
  const terms: ChallengeTerms = {
    realm: options.realm ?? [options.audience].flat()[0],
    resourceMetadata: options.resourceMetadata,
    dpop: dpop.mode,
    dpopAlgorithms: dpop.algorithms,
  }
  const watch = (auth: AccessToken) => watchToken(auth, sourceOf(judge, auth), settings)
  const guard = { terms, now: runtime.now, watch }
  const publicOrigins = [options.publicOrigin ?? []].flat()
  const binding = { dpop, publicOrigins, trustClientCert: options.trustClientCertHeader === true }
  const places = new Set<TokenPlace>(options.tokenPlaces ?? ['header'])
  const authRequired = options.authRequired ?? true
  const atOnce = dpop.mode !== 'required' && isHeaderOnly(places)
  /** The one scheme that is taken, where there is only one. */
  const only = ({ refused: 'Bearer', required: 'DPoP', accepted: undefined } as const)[dpop.mode]

  function refused(refusal: Refusal): Decision {
    onEvent({ type: 'refused', status: refusal.status, error: errorOf(refusal) })
    return { outcome: 'refused', refusal }
  }

  function nonceHeaders(): Readonly<Record<string, string>> {
    const nonce = dpop.nonce()
    return nonce === undefined ? {} : { 'dpop-nonce': nonce, 'cache-control': 'no-store' }
  }

  /** A bearer token of the header, seen before and bound to nothing, about which nobody has to be asked. */
  function recognize({ authorization }: GuardRequest): Decision | undefined {
    if (!atOnce || !authorization?.startsWith('Bearer ')) return undefined
    const token = authorization.slice(7)
    const known = judge.recognize(token)
    if (known === undefined) return undefined
    return { outcome: 'admitted', auth: accessToken(known, { token, scheme: 'Bearer' }, guard) }
  }

  async function judgeWhole(request: GuardRequest): Promise<Decision> {
    let scheme: 'Bearer' | 'DPoP' = only ?? 'Bearer'
    try {
      const read = readCredentials(request, places)
      const credentials = read instanceof Promise ? await read : read
      if (credentials.kind === 'none') {
        const passes = !authRequired && !credentials.refusable && !request.dpop
        return passes ? { outcome: 'anonymous' } : refused(refuseAnonymous(terms, nonceHeaders()))
      }
      scheme = only ?? credentials.scheme
      const { token, place } = credentials
      const verified = await judge.verify(token)
      if (verified.payload.cnf?.jkt !== undefined && dpop.mode !== 'refused') scheme = 'DPoP' // features 42
      const bound = checkBinding(verified.payload, { token, scheme: credentials.scheme, request }, binding)
      if (bound !== undefined) await bound
      const auth = accessToken(verified, credentials, guard)
      if (credentials.scheme === 'DPoP') return { outcome: 'admitted', auth, headers: nonceHeaders() }
      // @spec RFC 6750 §2.3: the address is a secret now
      return place === 'query'
        ? { outcome: 'admitted', auth, headers: { 'cache-control': 'private' } }
        : { outcome: 'admitted', auth }
    } catch (error) {
      onError(error)
      return refused(refuse(error, { terms, scheme, headers: scheme === 'DPoP' ? nonceHeaders() : {} }))
    }
  }

  return {
    authenticate: (request) => recognize(request) ?? judgeWhole(request),
    watch,
    ready: async () => void (await Promise.all(judge.issuers.map((part) => part.feed?.ready()))),
    feeds: () => judge.issuers.flatMap(({ issuer, feed }) => (feed === null ? [] : [{ issuer, ...feed.state() }])),
    close: () => judge.close(),
  }
}

function sourceOf(judge: TokenJudge, auth: AccessToken) {
  return judge.issuers.find((part) => part.issuer === auth.payload.iss)
}

function errorOf({ body }: Refusal): string | undefined {
  return (JSON.parse(body) as { readonly error?: string }).error
}

function* guardProblems(options: ApiGuardOptions): Generator<string> {
  const { dpop = {}, publicOrigin, resourceMetadata, tokenPlaces } = options
  for (const origin of [publicOrigin ?? []].flat()) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      yield `publicOrigin: "${origin}" must be an origin such as https://api.example.com`
    }
  }
  if (resourceMetadata !== undefined && !URL.canParse(resourceMetadata)) {
    yield `resourceMetadata: "${resourceMetadata}" must be the whole address of the document`
  }
  if (tokenPlaces?.length === 0) yield 'tokenPlaces: name at least one of header, form, query'
  for (const place of tokenPlaces ?? []) {
    if (!['header', 'form', 'query'].includes(place)) yield `tokenPlaces: "${place}" is none of header, form, query`
  }
  yield* dpopProblems(dpop)
}
