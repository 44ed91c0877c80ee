/** On every answer of the BFF's own endpoints: never stored, never framed, never sniffed. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** A JSON answer for our own front end. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json; charset=utf-8' },
  })
}

/** Sends the browser on. */
export function redirect(
  location: string,
  options: { status?: 302 | 303; cookies?: readonly string[] } = {},
): Response {
  return withCookies(
    new Response(null, { status: options.status ?? 302, headers: { ...securityHeaders, location } }),
    options.cookies ?? [],
  )
}

/** A page for a person, without script or style: it must be right, not pretty. */
export function page(options: {
  readonly status: number
  readonly title: string
  readonly body: string
  readonly refresh?: string
  readonly cookies?: readonly string[]
}): Response {
  const refresh =
    options.refresh === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escapeHtml(options.refresh)}">`
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">${refresh}<title>${escapeHtml(options.title)}</title></head><body><h1>${escapeHtml(options.title)}</h1>${options.body}</body></html>`
  return withCookies(
    new Response(html, {
      status: options.status,
      headers: { ...securityHeaders, 'content-type': 'text/html; charset=utf-8' },
    }),
    options.cookies ?? [],
  )
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
