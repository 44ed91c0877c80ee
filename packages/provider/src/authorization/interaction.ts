import { Form } from '@latchkey/protocol'
import { hashHandle } from '../crypto.ts'
import type { EndpointRequest } from '../http/endpoint.ts'
import type { AskingApplication } from '../pages/asking-application.ts'
import { type Display, displays, redirectTargets } from '../pages/page.ts'
import { type Locale, localeOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import type { HandleHash, InteractionRecord } from '../store/store.ts'
import { type AuthorizationRequest, readAuthorizationRequest } from './authorization-request.ts'
import { interactionPath } from './begin-interaction.ts'
import { type InteractionLabel, readInteractionLabel } from './interaction-cookie.ts'
import { type Asker, askerOf, findClient } from './reply-to.ts'
import { currentSession, type Session } from './session.ts'

/** What an interaction is for: an application that waits for an answer, or one of the provider's own pages. */
export type Purpose =
  | { readonly kind: 'authorization'; readonly asker: Asker; readonly form: Form }
  | { readonly kind: 'page'; readonly returnTo: string; readonly name: string; readonly locale: Locale }

/** An interaction in the browser that began it, with what is known of the person now. */
export interface Interaction {
  readonly http: EndpointRequest
  readonly hash: HandleHash
  readonly purpose: Purpose
  readonly session: Session | null
  /** Whether this very session signed in for this interaction. */
  readonly signedInHere: boolean
  /** Where its pages stand; forms post to paths below. */
  readonly path: string
}

/** Why an interaction cannot go on. `label` is null in a browser that did not begin it. */
export interface Closed {
  readonly because: 'foreign' | 'finished' | 'expired'
  readonly label: InteractionLabel | null
}

/** Opens the interaction that the path names, in its own browser and while it lives. */
export async function openInteraction(parts: Parts, http: EndpointRequest): Promise<Interaction | Closed> {
  const handle = http.path.split('/')[2] ?? ''
  const hash = hashHandle(handle)
  const label = hash === null ? null : readInteractionLabel(parts, http.request, handle)
  if (hash === null || label === null) return { because: 'foreign', label: null }
  const now = parts.runtime.now()
  const record = await parts.store.interactions.find(hash, now)
  if (record === null) return { because: hasExpired(parts, handle, now) ? 'expired' : 'finished', label }
  const session = await currentSession(parts, http.request)
  const acceptLanguage = http.request.headers.get('accept-language')
  return {
    http,
    hash,
    purpose: await readPurpose(parts, record, { label, acceptLanguage }),
    session,
    signedInHere: session !== null && record.sessionHash === session.record.hash,
    path: `${parts.basePath}${interactionPath}/${handle}`,
  }
}

/** A handle begins with the milliseconds of its making. */
function hasExpired(parts: Parts, handle: string, now: number): boolean {
  return Number.parseInt(handle.slice(0, 11), 16) / 1000 + parts.lifetimes.interaction <= now
}

async function readPurpose(
  parts: Parts,
  record: InteractionRecord,
  { label, acceptLanguage }: { label: InteractionLabel; acceptLanguage: string | null },
): Promise<Purpose> {
  if (record.request !== null) {
    const form = Form.parse(record.request)
    return { kind: 'authorization', form, asker: askerOf(await findClient(parts, form), form, acceptLanguage) }
  }
  const name = 'pageName' in label ? label.pageName : 'this site'
  return { kind: 'page', returnTo: record.returnTo ?? '/', name, locale: localeOf(undefined, acceptLanguage) }
}

const requests = new WeakMap<Purpose, AuthorizationRequest>()

/** The request is read anew at every step, once, so that a client changed meanwhile is judged as it is now. */
export function requestOf(parts: Parts, purpose: Purpose & { kind: 'authorization' }): AuthorizationRequest {
  const known = requests.get(purpose)
  if (known !== undefined) return known
  const request = readAuthorizationRequest(parts, purpose.form, purpose.asker)
  requests.set(purpose, request)
  return request
}

/** How people know who is asking. */
export function askingName(purpose: Purpose): string {
  if (purpose.kind === 'page') return purpose.name
  const { client_name, client_id } = purpose.asker.client.metadata
  return client_name ?? client_id
}

/** Who asks, as its pages show it; nobody on the way to one of the provider's own. */
export function applicationOf(purpose: Purpose): { application?: AskingApplication } {
  if (purpose.kind === 'page') return {}
  return { application: { name: askingName(purpose), client: purpose.asker.client.metadata } }
}

/** How the client wants the pages shown; what is not known here changes nothing. @spec OIDC Core §3.1.2.1 display */
export function displayOf(purpose: Purpose): Display {
  const wanted = purpose.kind === 'page' ? undefined : purpose.form.get('display')
  return displays.find((display) => display === wanted) ?? 'page'
}

/** Where the answer to a form of this interaction may lead. */
export function formTargetsOf(purpose: Purpose): readonly string[] {
  return purpose.kind === 'page' ? [] : redirectTargets(purpose.asker.replyTo.redirectUri)
}
