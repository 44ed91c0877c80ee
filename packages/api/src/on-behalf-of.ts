import { exchangeToken, type ProviderConnection, type TokenSet } from '@latchkey/client'
import { decodeBase64url, ProtocolError } from '@latchkey/protocol'
import type { ServiceTarget } from './service-caller.ts'

export interface OnBehalfOptions {
  /** When the subject token ends, in epoch seconds; a JWT says so itself. */
  readonly expiresAt?: number
}

/** How the tokens of one subject token are asked for. @spec RFC 8693 §2 */
export function tokensOnBehalf(
  connection: ProviderConnection,
  subjectToken: string,
  { expiresAt = endOf(subjectToken) }: OnBehalfOptions,
): { name: string; request: (target: ServiceTarget) => Promise<TokenSet> } {
  return {
    name: subjectToken,
    async request({ audience, scope }) {
      if (connection.runtime.now() >= expiresAt) {
        throw new ProtocolError('token_invalid', 'the subject token has ended, and nothing can be had for it')
      }
      const tokens = await exchangeToken(connection, {
        subjectToken,
        ...(audience === undefined ? {} : { resource: audience }),
        ...(scope === undefined ? {} : { scope }),
      })
      return { ...tokens, expiresAt: Math.min(tokens.expiresAt, expiresAt) }
    },
  }
}

/** Read without being verified: it can only make us forget sooner. */
function endOf(token: string): number {
  try {
    const payload = decodeBase64url(token.split('.')[1] ?? '') ?? undefined
    const { exp } = JSON.parse(new TextDecoder().decode(payload)) as { exp?: unknown }
    return typeof exp === 'number' ? exp : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
