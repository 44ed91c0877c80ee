/** The middle part of a JWT; undefined for anything else. */
export function payloadOf(token: string | null): string | undefined {
  const parts = token?.split('.') ?? []
  return parts.length === 3 && parts[1] !== '' ? parts[1] : undefined
}

/** Its claims, unchecked; null for anything that is no JWT. @spec RFC 7519 §3 */
export function claimsOf(token: string | null): Readonly<Record<string, unknown>> | null {
  const payload = payloadOf(token)
  if (payload === undefined) return null
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : null
  } catch {
    return null
  }
}
