import type { IssuedCode } from './issue-code.ts'
import { dpopProof, type TestKey } from './test-keys.ts'
import type { FormFields, TestProvider } from './test-provider.ts'

type Kit = Pick<TestProvider, 'issuer' | 'clock' | 'request'>

/** What replaces the members of a proof. */
export interface ProofChanges {
  readonly payload?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** A token request with a proof of `key`; `changes` spoils the proof. */
export async function askWithProof(
  kit: Kit,
  key: TestKey | null,
  form: FormFields,
  changes: ProofChanges = {},
): Promise<{ status: number; body: Record<string, string>; nonce: string | null }> {
  const headers: Record<string, string> = {}
  const about = { htm: 'POST', htu: `${kit.issuer}/token`, now: kit.clock.now() }
  if (key !== null) headers.dpop = await dpopProof(key, about, changes)
  const body = new URLSearchParams(form as Record<string, string>)
  const response = await kit.request('/token', { method: 'POST', headers, body })
  return { status: response.status, body: await response.json(), nonce: response.headers.get('dpop-nonce') }
}

/** What a public client sends for its code. */
export const publicForm = ({ form, clientId }: IssuedCode): FormFields => ({ ...form, client_id: clientId })

/** A request to userinfo with this token and a proof for it. */
export async function userinfoWithProof(
  kit: Kit,
  { token, key, scheme = 'DPoP' }: { token: string; key: TestKey | null; scheme?: string },
  changes: ProofChanges = {},
) {
  const about = { htm: 'GET', htu: `${kit.issuer}/userinfo`, now: kit.clock.now(), accessToken: token }
  const proof = key === null ? {} : { dpop: await dpopProof(key, about, changes) }
  return kit.request('/userinfo', { headers: { authorization: `${scheme} ${token}`, ...proof } })
}
