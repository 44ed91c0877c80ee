import {
  type AuthorizationDetail,
  type ClaimsRequest,
  type Form,
  OAuthError,
  parseClaimsRequest,
  parseScope,
} from '@latchkey/protocol'
import { allowedScope } from '../authorization/allowed-scope.ts'
import { readAuthorizationDetails } from '../authorization/authorization-details.ts'
import { permissionsAsked } from '../authorization/permissions.ts'
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
  /** @spec RFC 9396 §2 */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** @spec OIDC Core §5.5 */
  readonly claims: ClaimsRequest | undefined
}

/**
 * Reads what a client of this grant asks for.
 * @throws OAuthError
 */
export function readPendingRequest(
  parts: Pick<Parts, 'resources' | 'requireResource' | 'authorizationDetailsTypes'>,
  form: Form,
  { client, grantType }: { client: RegisteredClient; grantType: string },
): PendingRequest {
  if (!client.metadata.grant_types.includes(grantType)) {
    throw new OAuthError('unauthorized_client', `this client is not registered for the grant ${grantType}`)
  }
  const resources = namedResources(parts, form, client)
  const scope = allowedScope(parseScope(form.get('scope')), { client, resources, known: parts.resources })
  const authorizationDetails = readAuthorizationDetails(parts.authorizationDetailsTypes, form, client)
  return { client, scope, resources, authorizationDetails, claims: readClaims(form) }
}

/** Who is asked, and how they sign in, is not for this parameter to say here. @spec OIDC Core §5.5.1 */
function readClaims(form: Form): ClaimsRequest | undefined {
  const claims = parseClaimsRequest(form.get('claims'))
  for (const name of ['sub', 'acr'] as const) {
    const asked = claims?.id_token?.[name]
    if (asked?.value !== undefined || asked?.values !== undefined || asked?.essential === true)
      throw new OAuthError('invalid_request', `parameter "claims" cannot demand a certain "${name}" at this endpoint`)
  }
  return claims
}

/** What of a request is kept until the person decides. */
export function keptRequest(request: PendingRequest): Readonly<Record<string, unknown>> {
  const { scope, resources, authorizationDetails, claims } = request
  const identifiers = resources.map(({ identifier }) => identifier)
  return { scope, resources: identifiers, authorizationDetails, ...(claims === undefined ? {} : { claims }) }
}

/** A kept request as its client and its APIs are now, or null when the client is gone. */
export async function pendingRequestOf(parts: Parts, record: PendingGrantRecord): Promise<PendingRequest | null> {
  const client = await parts.clients.find(record.clientId)
  if (client === null) return null
  const kept = record.request as unknown as Kept
  const resources = kept.resources.flatMap((identifier) => parts.resources.get(identifier) ?? [])
  const { scope, authorizationDetails = [], claims } = kept
  return { client, scope, resources, authorizationDetails, claims }
}

interface Kept extends Pick<PendingRequest, 'scope' | 'claims'> {
  readonly resources: readonly string[]
  /** Missing in requests that an earlier version kept. */
  readonly authorizationDetails?: PendingRequest['authorizationDetails']
}

/** What is asked for beyond scopes, for the page that asks. @spec RFC 9396 §2 */
export function detailsInWords(
  { authorizationDetailsTypes: types }: Pick<Parts, 'authorizationDetailsTypes'>,
  { authorizationDetails }: PendingRequest,
): readonly string[] {
  return authorizationDetails.map((detail) => types.get(detail.type)?.describe(detail) ?? detail.type)
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
  const allowed = {
    permissions: permissionsAsked(parts, request),
    details: request.authorizationDetails,
  }
  await parts.store.consents.grant(approved.sub, approved.clientId, allowed, now)
  return true
}

/** Tells the log and the audit trail of it. */
export function tellOfDecision(
  parts: Pick<Parts, 'emit' | 'runtime'>,
  { allow, ...about }: { allow: boolean; requestId: string; clientId: string; sub: string },
): void {
  const at = parts.runtime.now()
  if (allow) parts.emit({ type: 'consent.granted', at, ...about })
  parts.emit({ type: allow ? 'authorization.granted' : 'authorization.refused', at, ...about, ...refusalOf(allow) })
}

const refusalOf = (allow: boolean) => (allow ? {} : { error: 'access_denied' })

/** What the form of one waiting request carries: made for this session, and only after the request was found. */
export function approvalToken(parts: Pick<Parts, 'formKey'>, session: Session, code: string): string {
  return mac(parts.formKey, `approve ${session.record.hash} ${code}`)
}

/** Without a `sid`: who signs out in this browser does not mean the other device. */
function groundsOf(parts: Parts, request: PendingRequest, { record }: Session): Grounds {
  const { client, scope, resources, authorizationDetails, claims } = request
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
    ...(claims === undefined ? {} : { claims }),
    ...(authorizationDetails.length === 0 ? {} : { authorizationDetails }),
  }
}
