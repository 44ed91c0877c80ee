/** Whether a page of the issuer's, or of the address that was asked, sent this. No other site can have a browser say so. */
export function isSameOrigin({ url, headers }: Request, issuer: string): boolean {
  const origin = headers.get('origin')
  if (origin !== null) return origin === new URL(issuer).origin || origin === new URL(url).origin
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}
