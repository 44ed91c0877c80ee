import { Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hashHandle, newHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { HandleHash } from '../store/store.ts'

/** @spec RFC 9126 §2.2 */
const prefix = 'urn:ietf:params:oauth:request_uri:'

export function isPushed(requestUri: string): boolean {
  return requestUri.startsWith(prefix)
}

/** Keeps a checked request until the browser comes with its `request_uri`. @spec RFC 9126 §2.2 */
export async function keepPushedRequest(
  parts: Pick<Parts, 'store' | 'runtime' | 'lifetimes'>,
  client: RegisteredClient,
  pushed: { readonly form: Form; readonly dpopJkt: string | null },
): Promise<{ request_uri: string; expires_in: number }> {
  const { handle, hash } = newHandle(parts.runtime)
  const expiresIn = parts.lifetimes.pushed_request
  await parts.store.pushedRequests.create({
    hash,
    clientId: client.metadata.client_id,
    request: pushed.form.toString(),
    dpopJkt: pushed.dpopJkt,
    expiresAt: Math.floor(parts.runtime.now()) + expiresIn,
  })
  return { request_uri: prefix + handle, expires_in: expiresIn }
}

/**
 * The request that this client pushed, with what it is kept under as `request_uri`. Opening it does not use it up: a
 * browser that loads the address ahead of time or twice takes nothing away.
 * @throws OAuthError `invalid_request_uri` when it is unknown, answered, expired or another client's
 * @spec RFC 9126 §4; FAPI 2.0 §5.3.2.2
 */
export async function openPushedRequest(parts: Parts, client: RegisteredClient, requestUri: string): Promise<Form> {
  const hash = hashHandle(requestUri.slice(prefix.length))
  const { client_id } = client.metadata
  const record = hash === null ? null : await parts.store.pushedRequests.find(hash, client_id, parts.runtime.now())
  if (record === null) throw usedUp()
  return Form.parse(`${record.request}&request_uri=${record.hash}`)
}

/**
 * Uses a pushed request up; everything else is nothing to it. Of many that were opened with one `request_uri` the first
 * is answered. @returns false for all others
 * @spec RFC 9126 §7.3
 */
export async function spendPushedRequest(
  { store, runtime, lifetimes }: Pick<Parts, 'store' | 'runtime' | 'lifetimes'>,
  client: RegisteredClient,
  form: Form,
): Promise<boolean> {
  const hash = form.get('request_uri') as HandleHash | undefined
  if (hash === undefined) return true
  const now = Math.floor(runtime.now())
  const longest = lifetimes.interaction + lifetimes.pushed_request
  await store.pushedRequests.consume(hash, client.metadata.client_id, now)
  return store.replays.remember(`request_uri:${hash}`, now + longest, now)
}

export function usedUp(): OAuthError {
  return new OAuthError(
    'invalid_request_uri',
    'this request_uri is unknown, used before, expired or of another client: push the request again',
  )
}
