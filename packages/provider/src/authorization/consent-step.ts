import { type Form, OAuthError } from '@latchkey/protocol'
import { constantTimeEqual } from '../crypto.ts'
import { consentPage } from '../pages/consent-page.ts'
import { accountHrefOf } from '../pages/take-back.ts'
import type { Parts } from '../parts.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { askingName, displayOf, formTargetsOf, type Interaction } from './interaction.ts'
import { permissionsAsked, scopeAsked } from './permissions.ts'
import { formTokenOf, type Session } from './session.ts'

interface Asked {
  readonly request: AuthorizationRequest
  readonly session: Session
}

/** Asks the person who is signed in. */
export function askConsent(parts: Parts, { purpose, path }: Interaction, { request, session }: Asked): Response {
  return consentPage({
    clientName: askingName(purpose),
    client: request.client.metadata,
    redirectUri: request.replyTo.redirectUri,
    scope: scopeAsked(parts, request),
    resources: request.resources,
    lifetimes: parts.lifetimes,
    providerHost: new URL(parts.issuer).host,
    username: session.account.username,
    action: `${path}/consent`,
    switchHref: `${path}/sign-in`,
    formToken: formTokenOf(parts, session.record),
    basePath: parts.basePath,
    formTargets: formTargetsOf(purpose),
    details: request.authorizationDetails.map(
      (detail) => parts.authorizationDetailsTypes.get(detail.type)?.describe(detail) ?? detail.type,
    ),
    accountHref: accountHrefOf(parts),
    display: displayOf(purpose),
    locale: request.locale,
  })
}

/**
 * The permissions that were just allowed, or null when the answer came from a page made for another session: then the
 * person who is signed in now is asked.
 * @throws OAuthError `access_denied`
 */
export function readConsent(parts: Parts, form: Form, { request, session }: Asked): readonly string[] | null {
  const token = form.get('form_token') ?? ''
  if (!constantTimeEqual(token, formTokenOf(parts, session.record))) return null
  const decision = form.get('decision')
  if (decision === 'deny') throw denied()
  return decision === 'allow' ? permissionsAsked(parts, request) : null
}

/** @spec RFC 6749 §4.1.2.1 */
export function denied(): OAuthError {
  return new OAuthError('access_denied', 'the person did not allow it')
}
