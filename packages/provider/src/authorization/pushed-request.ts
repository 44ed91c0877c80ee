import { Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hashHandle, newHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'

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
 * The request that this client pushed, once.
 * @throws OAuthError `invalid_request_uri` when it is unknown, used, expired or another client's
 * @spec RFC 9126 §4, §7.3
 */
export async function takePushedRequest(parts: Parts, client: RegisteredClient, requestUri: string): Promise<Form> {
  const hash = hashHandle(requestUri.slice(prefix.length))
  const { client_id } = client.metadata
  const record = hash === null ? null : await parts.store.pushedRequests.consume(hash, client_id, parts.runtime.now())
  if (record === null)
    throw new OAuthError(
      'invalid_request_uri',
      'this request_uri is unknown, used before, expired or of another client: push the request again',
    )
  return Form.parse(record.request)
}
