import type { Settings } from './settings.ts'

/** No inline script or style, no foreign code; requests and frames only to the parties of this demo. */
export function securityHeaders(
  settings: Pick<Settings, 'issuer' | 'apiUrl'>,
  trustedTypes: string,
): Readonly<Record<string, string>> {
  const issuer = new URL(settings.issuer).origin
  const api = new URL(settings.apiUrl).origin
  return {
    'content-security-policy': [
      "default-src 'self'",
      `connect-src 'self' ${issuer} ${api}`,
      `frame-src 'self' ${issuer}`,
      "frame-ancestors 'self'",
      "object-src 'none'",
      "base-uri 'self'",
      "form-action 'self'",
      "require-trusted-types-for 'script'",
      `trusted-types ${trustedTypes}`,
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  }
}
