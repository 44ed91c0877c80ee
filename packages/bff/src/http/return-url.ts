/**
 * A place on our own site to return to, or null. Only a path that starts with exactly one slash and that every
 * browser reads as a path counts: `//evil`, `/\evil`, `/%09/evil` and their encodings are other people's hosts.
 * @spec RFC 9700 §4.11
 */
export function localReturnUrl(text: string | null, origin: string): string | null {
  if (text === null || text === '') return '/'
  if (text.length > 2000 || !text.startsWith('/')) return null
  const decoded = decodedFully(text)
  if (decoded === null || /^\/+[/\\]|[\\\u0000-\u001f\u007f]/.test(decoded)) return null
  const url = URL.canParse(text, origin) ? new URL(text, origin) : null
  if (url === null || url.origin !== origin || url.pathname.startsWith('//')) return null
  return url.pathname + url.search + url.hash
}

function decodedFully(text: string): string | null {
  let decoded = text
  for (let round = 0; round < 3 && decoded.includes('%'); round++) {
    try {
      decoded = decodeURIComponent(decoded)
    } catch {
      return round === 0 ? null : decoded
    }
  }
  return decoded
}
