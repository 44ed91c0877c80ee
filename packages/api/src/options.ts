import { ConfigError, issuerProblems, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { GuardEvent } from './guard-event.ts'
import { type IntrospectionOptions, introspectionProblems } from './introspection.ts'
import { type RevocationOptions, revocationProblems } from './revocations/options.ts'
import { algorithmProblems, defaultAlgorithms } from './signing-algorithms.ts'
import { type StatusListOptions, statusListProblems } from './status-lists/options.ts'

/** One provider whose tokens are accepted; what is left out is as for all of them. */
export interface IssuerOptions {
  /** The issuer identifier, exactly as the provider's metadata has it. */
  readonly issuer: string
  readonly audience?: string | readonly string[]
  readonly algorithms?: readonly string[]
  readonly introspection?: IntrospectionOptions
  readonly revocations?: RevocationOptions
  readonly statusLists?: boolean | StatusListOptions
}

export interface AccessTokenVerifierOptions {
  /** The issuer identifier, exactly as the provider's metadata has it. One of the three names must be given. */
  readonly issuer?: string
  /** The same under the name that many guards use. */
  readonly issuerBaseURL?: string
  /** Several providers, each by its identifier or with options of its own. */
  readonly issuers?: readonly (string | IssuerOptions)[]
  /** The API's own identifier, or several: a token for any of them is accepted. */
  readonly audience: string | readonly string[]
  /** Signature algorithms; unless given ES256, RS256, PS256, ES384 and EdDSA, as far as the provider's metadata has them. */
  readonly algorithms?: readonly string[]
  /** `loose` also accepts JWTs of type `JWT` or none, without client_id and jti. `rfc9068` unless said otherwise. */
  readonly tokenProfile?: 'rfc9068' | 'loose'
  /** Seconds that clocks may differ. Unless given: 0 for `exp`, 5 for `iat` and `nbf`. */
  readonly clockToleranceSeconds?: number
  /** How many verified tokens are remembered; 5000 unless said otherwise, 0 for none. */
  readonly rememberedTokens?: number
  /** Asks the provider about opaque tokens. @spec RFC 7662 */
  readonly introspection?: IntrospectionOptions
  /** Holds the provider's revocations, so that a revoked JWT is refused within a second. */
  readonly revocations?: RevocationOptions
  /** Looks up the status of tokens in the list that they name. @spec Token Status List §8.3 */
  readonly statusLists?: boolean | StatusListOptions
  readonly runtime?: Runtime
  /** Told why a token was refused or keys could not be had; never given a token. */
  readonly onError?: (error: unknown) => void
  /** Told of each decision and of the feed, for metrics; never given a token. */
  readonly onEvent?: (event: GuardEvent) => void
}

export interface IssuerSettings {
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  readonly algorithms: ReadonlySet<string>
  /** Whether the configuration named the algorithms: then the provider's metadata does not narrow them. */
  readonly algorithmsGiven: boolean
  readonly introspection: IntrospectionOptions | undefined
  readonly revocations: RevocationOptions | undefined
  readonly statusLists: StatusListOptions | undefined
}

export interface VerifierSettings {
  readonly issuers: readonly IssuerSettings[]
  readonly profile: 'rfc9068' | 'loose'
  readonly expiryToleranceSeconds: number
  readonly futureToleranceSeconds: number
  readonly rememberedTokens: number
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
  readonly onEvent: (event: GuardEvent) => void
}

/** @throws ConfigError with every problem at once, those of `further` included */
export function readOptions(options: AccessTokenVerifierOptions, further: Iterable<string> = []): VerifierSettings {
  const problems = [...optionProblems(options), ...further]
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    issuers: namedIssuers(options).map((named) => issuerSettings(options, named)),
    profile: options.tokenProfile ?? 'rfc9068',
    expiryToleranceSeconds: options.clockToleranceSeconds ?? 0,
    futureToleranceSeconds: options.clockToleranceSeconds ?? 5,
    rememberedTokens: options.rememberedTokens ?? 5000,
    runtime: options.runtime ?? systemRuntime,
    ...listeners(options),
  }
}

/** A listener that fails changes no decision: of `onEvent` `onError` is told, of `onError` nobody. */
function listeners({ onError, onEvent }: AccessTokenVerifierOptions): Pick<VerifierSettings, 'onError' | 'onEvent'> {
  const told = (error: unknown) => {
    try {
      onError?.(error)
    } catch {
      // Whoever could be told of it has just failed.
    }
  }
  if (onEvent === undefined) return { onError: told, onEvent: () => undefined }
  return {
    onError: told,
    onEvent(event) {
      try {
        onEvent(event)
      } catch (error) {
        told(error)
      }
    },
  }
}

function namedIssuers(options: AccessTokenVerifierOptions): readonly IssuerOptions[] {
  const one = options.issuer ?? options.issuerBaseURL
  const listed = (options.issuers ?? []).map((named) => (typeof named === 'string' ? { issuer: named } : named))
  return one === undefined ? listed : [{ issuer: one }, ...listed]
}

function issuerSettings(all: AccessTokenVerifierOptions, own: IssuerOptions): IssuerSettings {
  const algorithms = own.algorithms ?? all.algorithms
  return {
    issuer: own.issuer,
    audiences: new Set([own.audience ?? all.audience].flat()),
    algorithms: new Set(algorithms ?? defaultAlgorithms),
    algorithmsGiven: algorithms !== undefined,
    introspection: own.introspection ?? all.introspection,
    revocations: own.revocations ?? all.revocations,
    statusLists: givenOptions(own.statusLists ?? all.statusLists),
  }
}

function givenOptions(given: boolean | StatusListOptions | undefined): StatusListOptions | undefined {
  return given === true ? {} : given === false ? undefined : given
}

function* optionProblems(options: AccessTokenVerifierOptions): Generator<string> {
  yield* issuersProblems(options)
  yield* audienceProblems('audience', options.audience)
  yield* algorithmProblems('algorithms', options.algorithms)
  yield* introspectionProblems(options.introspection)
  yield* revocationProblems(options.revocations)
  yield* statusListProblems(options.statusLists)
  const { clockToleranceSeconds, rememberedTokens } = options
  if (clockToleranceSeconds !== undefined && !(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300)) {
    yield 'clockToleranceSeconds: give a number from 0 to 300'
  }
  if (rememberedTokens !== undefined && !(Number.isInteger(rememberedTokens) && rememberedTokens >= 0)) {
    yield 'rememberedTokens: give a whole number, 0 or more'
  }
}

function* issuersProblems(options: AccessTokenVerifierOptions): Generator<string> {
  const { issuer, issuerBaseURL } = options
  const named = namedIssuers(options)
  if (named.length === 0 || named.some((one) => one.issuer === '')) {
    yield 'issuer: name the provider, such as https://id.example.com'
  }
  if (issuer !== undefined && issuerBaseURL !== undefined && issuer !== issuerBaseURL) {
    yield `issuer and issuerBaseURL differ ("${issuer}", "${issuerBaseURL}"): give one of them`
  }
  const seen = new Set<string>()
  for (const one of named) {
    if (one.issuer !== '') yield* issuerProblems(one.issuer.replace(/\/$/, ''))
    if (seen.has(one.issuer)) yield `issuers: "${one.issuer}" is there twice`
    seen.add(one.issuer)
    if (one.audience !== undefined) yield* audienceProblems(`issuers "${one.issuer}": audience`, one.audience)
    yield* algorithmProblems(`issuers "${one.issuer}": algorithms`, one.algorithms)
    yield* introspectionProblems(one.introspection)
    yield* revocationProblems(one.revocations)
    yield* statusListProblems(one.statusLists)
  }
}

function* audienceProblems(place: string, audience: string | readonly string[]): Generator<string> {
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (audiences.length === 0 || audiences.some((name) => typeof name !== 'string' || name === '')) {
    yield `${place}: name the API as the provider knows it, such as https://api.example.com`
  }
}
