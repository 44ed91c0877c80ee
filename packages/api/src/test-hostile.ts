import type { Decision } from './api-guard.ts'
import { type ApiGuardOptions, createApiGuard } from './api-guard.ts'
import { audience, type TestIssuer } from './test-issuer.ts'

/** What a refusal comes to, or 200. */
export function told(decision: Decision): { status: number; error?: string | undefined; challenge?: string } {
  if (decision.outcome !== 'refused') return { status: 200 }
  const { status, body, headers } = decision.refusal
  return { status, error: (JSON.parse(body) as { error?: string }).error, challenge: headers['www-authenticate'] ?? '' }
}

export const part = (text: string): string => Buffer.from(text).toString('base64url')

/** A JWT put together by hand; its signature is none. */
export const raw = (header: string, payload: string, signature = 'c2ln'): string =>
  `${part(header)}.${part(payload)}.${signature}`

/** A guard in front of nothing, and one question to it. */
export function hostileKit(issuer: TestIssuer) {
  const errors: unknown[] = []
  const newGuard = (options: Partial<ApiGuardOptions> = {}) => {
    const onError = (error: unknown) => void errors.push(error)
    const own = { issuer: issuer.issuer, audience, runtime: issuer.runtime, publicOrigin: 'https://api.example.com' }
    return createApiGuard({ ...own, onError, ...options })
  }
  const now = issuer.runtime.now()
  return {
    errors,
    newGuard,
    good: { iss: issuer.issuer, aud: audience, sub: 's', client_id: 'c', jti: 'j', iat: now, exp: now + 60 },
    bearer: async (token: string, guard = newGuard()) =>
      told(await guard.authenticate({ authorization: `Bearer ${token}`, method: 'GET', url: () => `${audience}/a` })),
  }
}
