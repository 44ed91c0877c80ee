/** What an `Authorization` header carries. */
export type AuthorizationHeader =
  | { readonly scheme: 'absent' }
  | { readonly scheme: 'bearer' | 'dpop' | 'basic'; readonly credentials: string }
  | { readonly scheme: 'malformed' }
  | { readonly scheme: 'other'; readonly name: string }

/** @spec RFC 9110 §11.6.2; RFC 6750 §2.1; RFC 9449 §7.1; RFC 7617 §2 */
export function parseAuthorizationHeader(header: string | null | undefined): AuthorizationHeader {
  if (header === null || header === undefined || header === '') return { scheme: 'absent' }
  const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?: +([A-Za-z0-9._~+/-]+=*))?$/.exec(header)
  const name = match?.[1]?.toLowerCase()
  if (name === undefined) return { scheme: 'malformed' }
  if (name !== 'bearer' && name !== 'dpop' && name !== 'basic') return { scheme: 'other', name }
  const credentials = match?.[2]
  return credentials === undefined ? { scheme: 'malformed' } : { scheme: name, credentials }
}
