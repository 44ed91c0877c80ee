/** The scope values of these lists, each once, in order. @spec RFC 6749 §3.3 */
export function scopes(...lists: readonly (string | undefined)[]): string[] {
  return [...new Set(lists.join(' ').match(/\S+/g))]
}
