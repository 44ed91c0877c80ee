import type { ClientMetadata } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import type { Profile } from '../profiles/profile.ts'

/** Who may register clients over the wire. @spec RFC 7591 §3 */
export interface RegistrationOptions {
  readonly mode: 'off' | 'initial_access_token' | 'open'
  /** Tokens that let their bearer register, any number of times; hashed at once and forgotten. */
  readonly initialAccessTokens?: readonly string[]
  /** How many clients may register within an hour without such a token, all nodes together; 60 unless said otherwise. */
  readonly perHour?: number
  /** The scope values that registered clients may ask for. */
  readonly scope?: string
  /** What every registered client gets, whatever it asks for: also fields that no client may choose itself. */
  readonly fixed?: Partial<Omit<ClientMetadata, 'client_id' | 'client_secret'>>
  /** Whose software statements count; what they say stands above what the client says. @spec RFC 7591 §2.3 */
  readonly softwareStatementIssuers?: readonly SoftwareStatementIssuer[]
  /** Whether a client without a software statement is refused. */
  readonly softwareStatementRequired?: boolean
  /** A last word: the reason to refuse, for the client's developer, or null. */
  readonly policy?: (client: ClientMetadata) => string | null | Promise<string | null>
}

export interface SoftwareStatementIssuer {
  /** The `iss` of its statements. */
  readonly issuer: string
  /** Its public keys. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** The options with everything decided. */
export interface RegistrationSettings extends Required<Omit<RegistrationOptions, 'initialAccessTokens' | 'policy'>> {
  readonly initialAccessTokenHashes: readonly string[]
  readonly policy: NonNullable<RegistrationOptions['policy']>
}

export function registrationSettings(
  options: RegistrationOptions = { mode: 'off' },
  profile?: Profile,
): RegistrationSettings {
  return {
    mode: options.mode,
    initialAccessTokenHashes: (options.initialAccessTokens ?? []).map((token) => sha256(token)),
    perHour: options.perHour ?? 60,
    scope: options.scope ?? 'openid profile email address phone offline_access',
    fixed: options.fixed ?? {},
    softwareStatementIssuers: options.softwareStatementIssuers ?? [],
    softwareStatementRequired: options.softwareStatementRequired ?? false,
    policy: async (client) => {
      const short = profile?.refusals(profile.client(client))[0]
      if (short !== undefined) return `${short.problem}; ${short.fix} (${short.spec})`
      return (await options.policy?.(client)) ?? null
    },
  }
}

/** Everything wrong with the options, each with its fix. */
export function* registrationProblems(options: RegistrationOptions | undefined): Generator<string> {
  if (options === undefined) return
  const { mode, initialAccessTokens = [], perHour = 1, softwareStatementIssuers = [] } = options
  if (!['off', 'initial_access_token', 'open'].includes(mode))
    yield `registration.mode: must be "off", "initial_access_token" or "open", not "${mode}"`
  if (mode === 'initial_access_token' && initialAccessTokens.length === 0)
    yield 'registration.initial_access_tokens: give at least one token of 32 characters or more, or nobody can register'
  for (const token of initialAccessTokens)
    if (!/^[A-Za-z0-9._~+/-]{32,}=*$/.test(token))
      yield 'registration.initial_access_tokens: each must have at least 32 of the characters A–Z a–z 0–9 - . _ ~ + /'
  if (!Number.isSafeInteger(perHour) || perHour < 1)
    yield `registration.per_hour: must be a whole number above zero, not ${perHour}`
  if (options.softwareStatementRequired === true && softwareStatementIssuers.length === 0)
    yield 'registration.software_statement_issuers: name at least one issuer, since a statement is required'
}
