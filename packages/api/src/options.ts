import { ConfigError, issuerProblems, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { defaultAlgorithms, signingAlgorithms } from './signing-algorithms.ts'

export interface AccessTokenVerifierOptions {
  /** The issuer identifier, exactly as the provider's metadata has it. One of the two names must be given. */
  readonly issuer?: string
  /** The same under the name that many guards use. */
  readonly issuerBaseURL?: string
  /** The API's own identifier, or several: a token for any of them is accepted. */
  readonly audience: string | readonly string[]
  /** Signature algorithms; ES256, RS256, PS256 and EdDSA unless said otherwise. */
  readonly algorithms?: readonly string[]
  /** Seconds that clocks may differ. Unless given: 0 for `exp`, 5 for `iat` and `nbf`. */
  readonly clockToleranceSeconds?: number
  /** How many verified tokens are remembered; 5000 unless said otherwise, 0 for none. */
  readonly rememberedTokens?: number
  readonly runtime?: Runtime
  /** Told why a token was refused or keys could not be had; never given a token. */
  readonly onError?: (error: unknown) => void
}

export interface VerifierSettings {
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  readonly algorithms: ReadonlySet<string>
  readonly expiryToleranceSeconds: number
  readonly futureToleranceSeconds: number
  readonly rememberedTokens: number
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
}

/** @throws ConfigError with every problem at once */
export function readOptions(options: AccessTokenVerifierOptions): VerifierSettings {
  const problems = [...optionProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    issuer: options.issuer ?? options.issuerBaseURL ?? '',
    audiences: new Set(typeof options.audience === 'string' ? [options.audience] : options.audience),
    algorithms: new Set(options.algorithms ?? defaultAlgorithms),
    expiryToleranceSeconds: options.clockToleranceSeconds ?? 0,
    futureToleranceSeconds: options.clockToleranceSeconds ?? 5,
    rememberedTokens: options.rememberedTokens ?? 5000,
    runtime: options.runtime ?? systemRuntime,
    onError: options.onError ?? (() => undefined),
  }
}

function* optionProblems(options: AccessTokenVerifierOptions): Generator<string> {
  const { issuer, issuerBaseURL, audience, algorithms, clockToleranceSeconds, rememberedTokens } = options
  const named = issuer ?? issuerBaseURL
  if (named === undefined || named === '') yield 'issuer: name the provider, such as https://id.example.com'
  else yield* issuerProblems(named.replace(/\/$/, ''))
  if (issuer !== undefined && issuerBaseURL !== undefined && issuer !== issuerBaseURL) {
    yield `issuer and issuerBaseURL differ ("${issuer}", "${issuerBaseURL}"): give one of them`
  }
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (audiences.length === 0 || audiences.some((name) => typeof name !== 'string' || name === '')) {
    yield 'audience: name the API as the provider knows it, such as https://api.example.com'
  }
  if (algorithms !== undefined && algorithms.length === 0) yield 'algorithms: name at least one'
  for (const name of algorithms ?? []) {
    if (!Object.hasOwn(signingAlgorithms, name)) {
      yield `algorithms: "${name}" is not supported; supported: ${Object.keys(signingAlgorithms).join(', ')}`
    }
  }
  if (clockToleranceSeconds !== undefined && !(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300)) {
    yield 'clockToleranceSeconds: give a number from 0 to 300'
  }
  if (rememberedTokens !== undefined && !(Number.isInteger(rememberedTokens) && rememberedTokens >= 0)) {
    yield 'rememberedTokens: give a whole number, 0 or more'
  }
}
