import { type ClaimsRequest, OAuthError, wantedValues } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { readHintedSub } from './request-parameters.ts'

/**
 * Whom the client expects, by the `sub` that it knows them under: one of these, or anyone (null). A hint and every `sub`
 * asked for by value narrow it together; one given to another sector is nobody's.
 * @throws OAuthError `invalid_request` for a hint that is no ID token, `login_required` when nobody can be meant
 * @spec OIDC Core §3.1.2.1 (id_token_hint), §5.5.1, §8
 */
export function readExpectedSubs(
  parts: Pick<Parts, 'keys' | 'issuer' | 'subjects'>,
  { metadata }: RegisteredClient,
  asked: { readonly hint: string | undefined; readonly claims: ClaimsRequest | undefined },
): readonly string[] | null {
  const hinted = readHintedSub(parts, asked.hint)
  const wanted = [
    hinted === null ? undefined : [hinted],
    wantedValues(asked.claims?.id_token?.sub),
    wantedValues(asked.claims?.userinfo?.sub),
  ].filter((values) => values !== undefined)
  const [first, ...others] = wanted
  if (first === undefined) return null
  const subs = first
    .filter((value) => typeof value === 'string')
    .filter((value) => others.every((values) => values.includes(value)))
    .filter((subject) => parts.subjects.isOne(metadata, subject))
  if (subs.length === 0) throw new OAuthError('login_required', 'nobody is the person that this request names')
  return subs
}
