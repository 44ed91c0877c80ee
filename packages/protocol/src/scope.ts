import { OAuthError } from './oauth-error.ts'

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * The scope values of a space-separated list, each once, in order.
 * @throws OAuthError `invalid_scope` when a value has a character outside the grammar.
 * @spec RFC 6749 §3.3
 */
export function parseScope(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const values = text.split(' ').filter((value) => value !== '')
  for (const value of values) {
    if (!scopeToken.test(value)) throw new OAuthError('invalid_scope', 'scope has a character that is not allowed')
  }
  return values.length < 2 ? values : [...new Set(values)]
}

export function formatScope(scope: readonly string[]): string {
  return scope.join(' ')
}

/**
 * Narrows what was granted to what is asked for; asking for nothing keeps it all.
 * @throws OAuthError `invalid_scope` when something is asked for that was not granted.
 * @spec RFC 6749 §6
 */
export function narrowScope(granted: readonly string[], requested: readonly string[]): readonly string[] {
  if (requested.length === 0) return granted
  const excess = requested.filter((value) => !granted.includes(value))
  if (excess.length > 0) throw new OAuthError('invalid_scope', `scope was not granted: ${excess.join(' ')}`)
  return requested
}
