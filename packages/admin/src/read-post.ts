import { type Form, OAuthError } from '@latchkey/protocol'
import { checkFormToken, isSameOrigin, readForm } from '@latchkey/provider'
import type { AdminRequest } from './admin-request.ts'

/**
 * The form that one of the admin's own pages sent, in this very session.
 * @throws OAuthError `access_denied` when another site or another session made it
 * @spec RFC 6749 §10.12
 */
export async function readPost({ request, site, session }: AdminRequest): Promise<Form> {
  if (!isSameOrigin(request, site.issuer)) {
    throw new OAuthError('access_denied', 'this form was sent from another site')
  }
  const form = await readForm(request)
  if (checkFormToken(session, form.get('form_token'))) return form
  throw new OAuthError('access_denied', 'this form belongs to another sign-in: open the page again and send it anew')
}
