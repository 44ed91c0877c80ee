import type { TokenManager, TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { TokenKind } from '../options.ts'
import type { ClientTokens } from './client-tokens.ts'
import type { Prover } from './dpop-keys.ts'
import type { TokenTarget } from './held-tokens.ts'
import type { Session } from './sessions.ts'
import { currentTokens } from './user-tokens.ts'

export interface TokenSourceParts {
  readonly session: Session | null
  readonly clientTokens: ClientTokens
  readonly token: TokenKind
  readonly tokenTarget: TokenTarget
}

export interface TokenSource extends TokenManager {
  /** Whether what was given last is the signed-in person's, so that it must not outlive the session. */
  isPersons(): boolean
  /** What goes along with a token that is bound to a key. @spec RFC 9449 §7 */
  prover(): Promise<Prover | null>
}

/** Where a call's access token comes from; null stands for a call without one. */
export function tokenSource({ session, clientTokens, token, tokenTarget }: TokenSourceParts): TokenSource {
  if (token === 'none') return bare
  const asked = (manager: TokenManager, isPersons: boolean): TokenSource => ({
    get: manager.get,
    renew: manager.renew,
    isPersons: () => isPersons,
    prover: async () => clientTokens.prover(),
  })
  if (token === 'client') return asked(clientTokens.of(tokenTarget), false)
  if (token === 'exchange') return asked(clientTokens.exchanged(session, tokenTarget), true)
  const user: TokenSource = {
    get: (options) => currentTokens(session, { ...tokenTarget, ...options }),
    renew: (rejected, options) => currentTokens(session, { ...tokenTarget, rejected, ...options }),
    isPersons: () => true,
    prover: async () => session?.prover() ?? null,
  }
  if (token === 'user') return user
  return either(user, token === 'userOrClient' ? asked(clientTokens.of(tokenTarget), false) : bare)
}

const bare: TokenSource = {
  get: async () => null,
  renew: async () => null,
  isPersons: () => false,
  prover: async () => null,
}

/** The person's, where somebody is signed in; a session that is there but cannot be used now is a failure, not nobody. */
function either(user: TokenSource, otherwise: TokenSource): TokenSource {
  let chosen = user
  const attempt = async (ask: (source: TokenSource) => Promise<TokenSet | null>) => {
    try {
      return await ask(chosen)
    } catch (error) {
      if (chosen === otherwise || !(error instanceof ProtocolError) || error.code !== 'not_signed_in') throw error
      chosen = otherwise
      return ask(chosen)
    }
  }
  return {
    get: (options) => attempt((source) => source.get(options)),
    renew: (rejected, options) => attempt((source) => source.renew(rejected, options)),
    isPersons: () => chosen.isPersons(),
    prover: () => chosen.prover(),
  }
}
