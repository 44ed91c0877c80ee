import { type AskingApplication, linksOf, logoSources } from './asking-application.ts'
import { icon, script, stylesheet } from './assets.ts'
import { html } from './html.ts'
import { mark } from './mark.ts'
import { type Locale, textsOf } from './texts/index.ts'

export interface PageOptions {
  readonly title: string
  /** `Html`; anything else is escaped. */
  readonly body: unknown
  readonly status?: number
  /** The path below which the provider stands; "" when left out. */
  readonly basePath?: string
  /** A page of the whole width instead of one centred card. */
  readonly wide?: boolean
  /** A wide page of one column. */
  readonly column?: boolean
  /** Who asks the person on it: the source of a logo, and links below the card. */
  readonly application?: AskingApplication
  /** Origins of pictures beside the application's own. */
  readonly pictures?: readonly string[]
  /** A page of its own, or one that fills a small window. @spec OIDC Core §3.1.2.1 display */
  readonly display?: Display
  /** Sources besides the provider itself to which its forms, and the redirects that answer them, may lead. */
  readonly formTargets?: readonly string[]
  /** Origins that its frames load from. */
  readonly frameSources?: readonly string[]
  /** Origins whose pages may frame it; none unless said otherwise. */
  readonly frameAncestors?: readonly string[]
  /** English unless said otherwise. */
  readonly locale?: Locale
  readonly headers?: Readonly<Record<string, string>>
}

/** What `display` may ask for: pages are made for touch anyway. @spec OIDC Core §3.1.2.1 */
export const displays = ['page', 'popup', 'touch'] as const
export type Display = (typeof displays)[number]

/** One whole page in the house's look, under a content security policy without any inline script or style. */
export function page(options: PageOptions): Response {
  const basePath = options.basePath ?? ''
  const locale = options.locale ?? 'en'
  const frame =
    options.wide === true
      ? options.column === true
        ? 'wide column'
        : 'wide'
      : options.display === 'popup'
        ? 'narrow popup'
        : 'narrow'
  const links = options.application === undefined ? null : linksOf(options.application, locale)
  const text = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${options.title}</title>
<link rel="stylesheet" href="${basePath}${stylesheet.path}">
<link rel="icon" href="${basePath}${icon.path}" type="image/svg+xml">
<script src="${basePath}${script.path}" defer></script>
</head>
<body>
<a class="skip" href="#content">${textsOf(locale).skip}</a>
<div class="frame ${frame}">
<header class="masthead"><p class="brand">${mark}<span>Latchkey</span></p></header>
<main id="content">${options.wide === true ? options.body : html`<div class="card">${options.body}</div>`}</main>
${links}</div>
</body>
</html>
`
  return new Response(text.toString(), {
    status: options.status ?? 200,
    headers: { ...pageHeaders(options), ...options.headers },
  })
}

function pageHeaders(options: PageOptions): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(options),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(options.frameAncestors === undefined ? { 'x-frame-options': 'DENY' } : {}),
  }
}

/** @spec RFC 9700 §4.16 */
function contentSecurityPolicy(options: PageOptions): string {
  const own = options.application === undefined ? [] : logoSources(options.application)
  const pictures = new Set([...own, ...(options.pictures ?? [])])
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    `img-src ${["'self'", ...pictures].join(' ')}`,
    `form-action ${["'self'", ...(options.formTargets ?? [])].join(' ')}`,
    ...(options.frameSources === undefined ? [] : [`frame-src ${options.frameSources.join(' ')}`]),
    `frame-ancestors ${options.frameAncestors?.join(' ') ?? "'none'"}`,
    "base-uri 'none'",
  ].join('; ')
}

/**
 * Where the answer to a form may lead when it ends at a redirect URI. Browsers hold `form-action` against every hop of
 * the redirects that follow, also those of the client's own, so it names schemes and not the client's origin alone.
 */
export function redirectTargets(redirectUri: string): readonly string[] {
  const scheme = redirectUri.slice(0, redirectUri.indexOf(':') + 1).toLowerCase()
  return scheme === 'https:' ? ['https:'] : ['https:', scheme]
}
