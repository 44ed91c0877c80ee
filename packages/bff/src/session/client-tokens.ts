import {
  clientCredentials,
  createTokenManager,
  exchangeToken,
  type ProviderConnection,
  type TokenHost,
  type TokenManager,
  type TokenSet,
} from '@latchkey/client'
import { generatePrivateJwk } from '../crypto.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { createProver, type Nonces, type Prover } from './dpop-keys.ts'
import { type HeldTokens, type TokenTarget, targetKey, viewOf } from './held-tokens.ts'
import type { Session } from './sessions.ts'
import { currentTokens } from './user-tokens.ts'

/** Tokens that the application asks for itself: kept in this process, one for each audience and scope, asked for once at a time. */
export interface ClientTokens {
  /** The application's own. */
  of(target: TokenTarget): TokenManager
  /**
   * A token for `target` in exchange for the person's: as old as that one at most, and asked for anew with each new one
   * of theirs. @spec RFC 8693 §2
   */
  exchanged(session: Session | null, target: TokenTarget): TokenManager
  /** What proves that the bound ones among them are ours. */
  prover(): Prover
}

export interface ClientTokensParts {
  readonly connection: ProviderConnection
  readonly breaker: CircuitBreaker
  readonly nonces: Nonces
  /** Of which token of theirs people's tokens are exchanged. */
  readonly subject: TokenTarget
}

const nothing: HeldTokens = { refreshToken: null, idToken: null, claims: null, renewals: 0, access: {} }
const nothingYet: TokenSet = viewOf(nothing, '')

export function createClientTokens({ connection, breaker, nonces, subject }: ClientTokensParts): ClientTokens {
  const { runtime } = connection
  const managers = new Map<string, TokenManager>()
  const perSession = new WeakMap<Session, Map<string, TokenManager>>()
  let made: Prover | undefined
  const prover = () => {
    made ??= createProver(generatePrivateJwk(), { runtime, nonces })
    return made
  }
  const bound = ({ dpop }: TokenTarget): ProviderConnection =>
    dpop === true ? { ...connection, dpop: prover().key } : connection
  const managerOf = (host: Pick<TokenHost, 'load' | 'save' | 'refresh'>) =>
    createTokenManager({ host: { ...host, end: async () => {}, exclusive: (work) => work() }, runtime })

  function own(target: TokenTarget): TokenManager {
    let current = nothingYet
    return managerOf({
      load: async () => current,
      async save(tokens) {
        current = tokens
      },
      refresh: () => breaker.run(() => clientCredentials(bound(target), target)),
    })
  }
  function onBehalf(session: Session | null, target: TokenTarget): TokenManager {
    let current = { subjectToken: '', tokens: nothingYet }
    let coming = current
    return managerOf({
      async load() {
        const { accessToken } = await currentTokens(session, subject)
        return current.subjectToken === accessToken ? current.tokens : nothingYet
      },
      async save() {
        current = coming
      },
      async refresh() {
        const { accessToken: subjectToken, expiresAt } = await currentTokens(session, subject)
        const { resource, scope } = target
        const asked = { subjectToken, ...(resource && { resource }), ...(scope && { scope }) }
        const tokens = await breaker.run(() => exchangeToken(bound(target), asked))
        coming = { subjectToken, tokens: { ...tokens, expiresAt: Math.min(tokens.expiresAt, expiresAt) } }
        return coming.tokens
      },
    })
  }
  return {
    of: (target) => kept(managers, targetKey(target), () => own(target)),
    exchanged(session, target) {
      if (session === null) return onBehalf(null, target)
      const its = perSession.get(session) ?? new Map<string, TokenManager>()
      perSession.set(session, its)
      return kept(its, targetKey(target), () => onBehalf(session, target))
    },
    prover,
  }
}

function kept(managers: Map<string, TokenManager>, key: string, make: () => TokenManager): TokenManager {
  const known = managers.get(key) ?? make()
  managers.set(key, known)
  return known
}
