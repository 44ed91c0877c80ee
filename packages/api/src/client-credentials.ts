import { connectProvider, createDpopKey, clientCredentials as requestTokens } from '@latchkey/client'
import { ConfigError, issuerProblems, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { authenticationOf, type ClientIdentity, identityProblems } from './client-identity.ts'
import { type OnBehalfOptions, tokensOnBehalf } from './on-behalf-of.ts'
import { createCaller, createManagers, type ServiceCaller, type ServiceTarget } from './service-caller.ts'

export type { OnBehalfOptions, ServiceCaller, ServiceTarget }

export interface ServiceOptions extends ClientIdentity {
  readonly issuer: string
  /** Binds every token to a key: true for one made here, or a pair of your own. @spec RFC 9449 §5 */
  readonly dpop?: boolean | CryptoKeyPair
  /** A token this close to its end is renewed first; 30 unless said otherwise, and at most a tenth of its life. */
  readonly leewaySeconds?: number
  readonly runtime?: Runtime
}

/** A service that calls APIs in its own name. @spec RFC 6749 §4.4 */
export interface Service extends ServiceCaller {
  /**
   * Calls APIs in the name of whoever `subjectToken` speaks of, an access token that this service received. Its tokens
   * are kept for each subject token, audience and scope, and never past the end of the subject token.
   * @spec RFC 8693 §2
   */
  onBehalfOf(subjectToken: string, options?: OnBehalfOptions): ServiceCaller
}

const keptTargets = 1000
const keptOnBehalf = 5000

/** @throws ConfigError with every problem of the options */
export function clientCredentials(options: ServiceOptions): Service {
  const problems = [...serviceProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  const { issuer, clientId, leewaySeconds = 30, runtime = systemRuntime } = options
  const dpop = dpopOf(options, runtime)
  const connection = connectProvider({ issuer, clientId, authentication: authenticationOf(options), dpop, runtime })
  const caller = { issuer, runtime, leewaySeconds, dpop }
  const onBehalf = createManagers(keptOnBehalf)
  const own = createCaller(caller, createManagers(keptTargets), {
    name: '',
    request: ({ audience, scope }) =>
      requestTokens(connection, {
        ...(audience === undefined ? {} : { resource: audience }),
        ...(scope === undefined ? {} : { scope }),
      }),
  })
  return {
    ...own,
    onBehalfOf: (subjectToken, more = {}) =>
      createCaller(caller, onBehalf, tokensOnBehalf(connection, subjectToken, more)),
  }
}

function dpopOf({ dpop = false }: ServiceOptions, runtime: Runtime) {
  if (dpop === false) return undefined
  return createDpopKey({ runtime, ...(dpop === true ? {} : { keyPair: dpop }) })
}

function* serviceProblems(options: ServiceOptions): Generator<string> {
  yield* issuerProblems(options.issuer)
  yield* identityProblems('', options)
  const { leewaySeconds } = options
  if (leewaySeconds !== undefined && !(leewaySeconds >= 0)) yield 'leewaySeconds: give a number, 0 or more'
}
