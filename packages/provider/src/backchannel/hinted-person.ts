import { type Form, OAuthError } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { hintProblem, readIdTokenHint } from '../authorization/id-token-hint.ts'
import type { RegisteredClient } from '../config.ts'
import { findAssertion } from '../grants/jwt-bearer/find-assertion.ts'
import type { Parts } from '../parts.ts'
import type { CibaOptions } from './ciba-options.ts'

interface Asking {
  readonly client: RegisteredClient
  readonly options: CibaOptions
}

type FindSub = (parts: Parts, hint: string, asking: Asking) => Promise<string | null>

/** One line a hint; null: it names nobody known here. */
const hints: Readonly<Record<string, FindSub>> = {
  login_hint: findByLogin,
  id_token_hint: findByIdToken,
  login_hint_token: findByLoginToken,
}

/**
 * The person whom the client wants asked.
 * @throws OAuthError `invalid_request` unless there is exactly one hint, `unknown_user_id` when it names nobody
 * @spec CIBA Core §7.1
 */
export async function hintedPerson(parts: Parts, form: Form, asking: Asking): Promise<Account> {
  const given = Object.keys(hints).filter((name) => form.has(name))
  const [name = ''] = given
  const find = hints[name]
  if (given.length !== 1 || find === undefined) {
    throw new OAuthError('invalid_request', `give exactly one of ${Object.keys(hints).join(', ')}`)
  }
  const sub = await find(parts, form.require(name), asking)
  const account = sub === null ? null : await parts.accounts.find(sub)
  if (account === null) throw new OAuthError('unknown_user_id', `${name} names nobody known here`)
  return account
}

async function findByLogin({ accounts }: Parts, hint: string, { options }: Asking): Promise<string | null> {
  if (options.findSub !== undefined) return options.findSub(hint)
  return (await accounts.findByUsername?.(hint))?.sub ?? null
}

/** One that this client got itself; it may be old. */
async function findByIdToken(parts: Parts, hint: string, { client }: Asking): Promise<string | null> {
  const claims = readIdTokenHint(parts, hint)
  const isOwn = claims !== null && [claims.aud].flat().includes(client.metadata.client_id)
  if (claims === null) throw new OAuthError('invalid_request', hintProblem(hint))
  if (!isOwn) throw new OAuthError('invalid_request', 'id_token_hint was not given to this client')
  return claims.sub
}

/** An assertion of a trusted issuer. */
async function findByLoginToken(parts: Parts, hint: string, { client }: Asking): Promise<string | null> {
  const found = await findAssertion(parts, hint, client)
  if (!('problem' in found)) return found.sub
  const code = found.problem === 'the assertion is expired' ? 'expired_login_hint_token' : 'invalid_request'
  throw new OAuthError(code, `login_hint_token: ${found.problem}`, found)
}
