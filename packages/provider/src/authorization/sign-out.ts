import { type Form, type IdTokenClaims, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { type Locale, localeOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { hintProblem, readIdTokenHint } from './id-token-hint.ts'

/** What an application asks for when it signs a person out. */
export interface SignOut {
  /** Claims of an ID token of this provider's, or null; one that does not verify counts as none. */
  readonly hint: IdTokenClaims | null
  readonly client: RegisteredClient | null
  readonly redirectUri: string | null
  readonly state: string | undefined
  /** The language of the pages. @spec RP-Initiated Logout §2 ui_locales */
  readonly locale: Locale
  /** The request again, for the form that asks the person. */
  readonly fields: Readonly<Record<string, string>>
}

const parameters = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'ui_locales'] as const

/**
 * @throws OAuthError for a redirect URI that is not registered, or a client that is not the ID token's
 * @spec RP-Initiated Logout §2, §3
 */
export async function readSignOut(parts: Parts, form: Form, acceptLanguage: string | null): Promise<SignOut> {
  const given = form.get('id_token_hint')
  const hint = given === undefined ? null : readIdTokenHint(parts, given)
  const client = await findClient(parts, form.get('client_id'), hint)
  return {
    hint: hint === null || client === null ? hint : ofPerson(parts, hint, client),
    client,
    redirectUri: checkRedirectUri(form.get('post_logout_redirect_uri'), client, given),
    state: form.get('state'),
    locale: localeOf(form.get('ui_locales'), acceptLanguage),
    fields: Object.fromEntries(
      parameters.flatMap((name) => {
        const value = form.get(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  }
}

/** With the person's own `sub`, whatever this client knows them by. @spec OIDC Core §8 */
function ofPerson({ subjects }: Parts, hint: IdTokenClaims, { metadata }: RegisteredClient): IdTokenClaims {
  return { ...hint, sub: subjects.whom(metadata, hint.sub, hint) ?? '' }
}

async function findClient(
  parts: Parts,
  named: string | undefined,
  hint: IdTokenClaims | null,
): Promise<RegisteredClient | null> {
  const audience = hint === null ? undefined : (hint.azp ?? [hint.aud].flat()[0])
  if (named !== undefined && audience !== undefined && named !== audience)
    throw new OAuthError('invalid_request', 'client_id is not the client that the ID token was made for')
  const clientId = named ?? audience
  return clientId === undefined ? null : await parts.clients.find(clientId)
}

function checkRedirectUri(
  uri: string | undefined,
  client: RegisteredClient | null,
  hint: string | undefined,
): string | null {
  if (uri === undefined) return null
  if (client === null)
    throw new OAuthError(
      'invalid_request',
      `post_logout_redirect_uri needs a valid id_token_hint or a registered client_id${hint === undefined ? '' : `; ${hintProblem(hint)}`}`,
    )
  if (client.metadata.post_logout_redirect_uris.includes(uri)) return uri
  throw new OAuthError(
    'invalid_request',
    `post_logout_redirect_uri is not registered for client "${client.metadata.client_id}"`,
  )
}

/** Where the browser goes when it is done, with `state` as it was given. */
export function leaveTo({ redirectUri, state }: SignOut): string | null {
  if (redirectUri === null || state === undefined) return redirectUri
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}state=${encodeURIComponent(state)}`
}
