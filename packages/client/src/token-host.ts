import type { TokenSet } from './token-set.ts'

/**
 * What a holder of tokens supplies to the token manager. Browser, BFF, CLI and services differ only here.
 */
export interface TokenHost {
  /** The newest token set known to anyone this host shares with; null when there is no session. */
  load(): Promise<TokenSet | null>
  /** Keeps what a renewal brought, visible to everyone before it resolves. Called inside `exclusive`. */
  save(tokens: TokenSet): Promise<void>
  /** Forgets the session: the provider said that it is over. Called inside `exclusive`. */
  end(reason: 'expired' | 'revoked'): Promise<void>
  /** Runs `work` while nobody else who shares this session (tab, process, node) runs theirs. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /**
   * Asks the provider for new tokens.
   * @throws ProtocolError `refresh_rejected` only for `invalid_grant`; `unreachable` (retryable) for network failures, 5xx and 429.
   */
  refresh(tokens: TokenSet): Promise<TokenSet>
}
