import { type Form, OAuthError } from '@latchkey/protocol'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import { hashHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { Grounds, HandleHash, PendingGrantRecord, Poll } from '../store/store.ts'
import { agreed } from './agreed.ts'
import type { Authorization } from './grant.ts'

interface Presented {
  readonly client: AuthenticatedClient
  readonly form: Form
  readonly kind: PendingGrantRecord['kind']
  /** The device_code or auth_req_id, and how messages name it. */
  readonly handle: string
  readonly name: string
}

/**
 * One poll of a client that waits for a person: what they approved, or why there is nothing yet.
 * @throws OAuthError `authorization_pending`, `slow_down`, `access_denied`, `expired_token` or `invalid_grant`
 * @spec RFC 8628 §3.4, §3.5; CIBA Core §10.1, §11
 */
export async function pendingAuthorization(parts: Parts, presented: Presented): Promise<Authorization> {
  const { client, form } = presented
  const { hash, grounds } = await pollOnce(parts, presented)
  return {
    ...(await agreed(parts, { client, form, grounds, scope: grounds.scope })),
    nonce: null,
    proof: { kind: 'pending', hash },
  }
}

async function pollOnce(
  { store, runtime, lifetimes }: Parts,
  { client, handle, kind, name }: Presented,
): Promise<{ hash: HandleHash; grounds: Grounds }> {
  const hash = hashHandle(handle)
  const unknown = `the ${name} is unknown or used`
  if (hash === null) throw new OAuthError('invalid_grant', unknown)
  const now = Math.floor(runtime.now())
  // Looked at before it is polled, so that no other client can slow this one down.
  const record = await store.pendingGrants.find(hash, now)
  const clientId = client.metadata.client_id
  if (record !== null && (record.clientId !== clientId || record.kind !== kind)) {
    const detail = `${name} of "${record.clientId}" presented by "${clientId}"`
    throw new OAuthError('invalid_grant', unknown, { detail })
  }
  const poll = await store.pendingGrants.poll(hash, now)
  if (poll.outcome === 'approved') return { hash, grounds: poll.grounds }
  // A handle begins with the milliseconds of its making: also one whose row is gone says that it is old.
  const seconds = kind === 'device' ? lifetimes.device_code : lifetimes.backchannel_request
  const isOld = Number.parseInt(handle.slice(0, 11), 16) / 1000 + seconds <= now
  throw refusals[poll.outcome === 'unknown' && isOld ? 'expired' : poll.outcome](name)
}

const refusals: Readonly<Record<Exclude<Poll['outcome'], 'approved'>, (name: string) => OAuthError>> = {
  pending: () => new OAuthError('authorization_pending', 'the person has not decided yet'),
  slow_down: () =>
    new OAuthError('slow_down', 'this came before the interval was over; wait 5 seconds longer from now on'),
  // @spec RFC 6749 §5.2: the token endpoint answers errors with 400
  denied: () => new OAuthError('access_denied', 'the person did not allow it', { status: 400 }),
  expired: (name) => new OAuthError('expired_token', `the ${name} has expired; begin again`),
  unknown: (name) => new OAuthError('invalid_grant', `the ${name} is unknown or used`),
}
