import { type Form, OAuthError, parseScope } from '@latchkey/protocol'
import { allowedScope } from '../authorization/allowed-scope.ts'
import { permissionsOf } from '../authorization/permissions.ts'
import type { Session } from '../authorization/session.ts'
import type { RegisteredClient, Resource } from '../config.ts'
import { mac, newId } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { Grounds, PendingGrantRecord } from '../store/store.ts'
import { namedResources } from '../tokens/target-resource.ts'

/** What a client waits for a person to allow on another device. */
export interface PendingRequest {
  readonly client: RegisteredClient
  readonly scope: readonly string[]
  readonly resources: readonly Resource[]
}

/**
 * Reads what a client of this grant asks for.
 * @throws OAuthError
 */
export function readPendingRequest(
  parts: Pick<Parts, 'resources' | 'requireResource'>,
  form: Form,
  { client, grantType }: { client: RegisteredClient; grantType: string },
): PendingRequest {
  if (!client.metadata.grant_types.includes(grantType)) {
    throw new OAuthError('unauthorized_client', `this client is not registered for the grant ${grantType}`)
  }
  const resources = namedResources(parts, form, client)
  const scope = allowedScope(parseScope(form.get('scope')), { client, resources, known: parts.resources })
  return { client, scope, resources }
}

/** What of a request is kept until the person decides. */
export function keptRequest({ scope, resources }: PendingRequest): Readonly<Record<string, unknown>> {
  return { scope, resources: resources.map(({ identifier }) => identifier) }
}

/** A kept request as its client and its APIs are now, or null when the client is gone. */
export async function pendingRequestOf(parts: Parts, record: PendingGrantRecord): Promise<PendingRequest | null> {
  const client = await parts.clients.find(record.clientId)
  if (client === null) return null
  const kept = record.request as { readonly scope: readonly string[]; readonly resources: readonly string[] }
  const resources = kept.resources.flatMap((identifier) => parts.resources.get(identifier) ?? [])
  return { client, scope: kept.scope, resources }
}

/** Keeps what the person decided; false when somebody decided before, or too late. */
export async function decidePending(
  parts: Parts,
  record: PendingGrantRecord,
  { request, session, allow }: { request: PendingRequest; session: Session; allow: boolean },
): Promise<boolean> {
  const now = Math.floor(parts.runtime.now())
  if (!allow) return parts.store.pendingGrants.decide(record.hash, 'denied', now)
  const approved = groundsOf(parts, request, session)
  if (!(await parts.store.pendingGrants.decide(record.hash, { approved }, now))) return false
  const permissions = permissionsOf(request.resources, request.scope)
  await parts.store.consents.grant(approved.sub, approved.clientId, permissions, now)
  return true
}

/** What the form of one waiting request carries: made for this session, and only after the request was found. */
export function approvalToken(parts: Pick<Parts, 'formKey'>, session: Session, code: string): string {
  return mac(parts.formKey, `approve ${session.record.hash} ${code}`)
}

/** Without a `sid`: who signs out in this browser does not mean the other device. */
function groundsOf(parts: Parts, { client, scope, resources }: PendingRequest, { record }: Session): Grounds {
  return {
    familyId: newId(parts.runtime),
    clientId: client.metadata.client_id,
    sub: record.sub,
    scope,
    resources: resources.map(({ identifier }) => identifier),
    sid: null,
    authTime: record.authTime,
    acr: record.acr,
    amr: record.amr,
    cnf: null,
  }
}
