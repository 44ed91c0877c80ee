import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import { hintProblem, readIdTokenHint } from './id-token-hint.ts'

const prompts = ['none', 'login', 'consent', 'select_account', 'create'] as const
export type Prompt = (typeof prompts)[number]

/** `create` only where people can make an account. @spec OIDC Core §3.1.2.1; Initiating User Registration §4 */
export function promptValues({ accounts }: Pick<Parts, 'accounts'>): readonly Prompt[] {
  return prompts.filter((value) => value !== 'create' || accounts.register !== undefined)
}

/** @spec OIDC Core §3.1.2.1 */
export function readPrompt(parts: Pick<Parts, 'accounts'>, text: string | undefined): readonly Prompt[] {
  const known = promptValues(parts)
  const values = wordsOf(text)
  const read = values.filter((value): value is Prompt => (known as readonly string[]).includes(value))
  if (read.length < values.length) throw new OAuthError('invalid_request', `prompt must be made of ${known.join(', ')}`)
  if (read.includes('none') && read.length > 1)
    throw new OAuthError('invalid_request', 'prompt "none" stands alone or not at all')
  return read
}

/** The words of a space-separated list, each once, in order; what none of them may be is for the reader to say. */
export function wordsOf(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(' ').filter((word) => word !== ''))]
}

const mostLocales = 10

/** Language tags, best first; what is none, and what goes beyond ten, counts for nothing. @spec OIDC Core §5.2; RFC 5646 §2.1 */
export function readLocales(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(' ')
    .filter((tag) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$/.test(tag))
    .slice(0, mostLocales)
}

export function readMaxAge(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^\d{1,10}$/.test(text)) throw new OAuthError('invalid_request', 'max_age must be a number of seconds')
  return Number(text)
}

/** Whom the client's `id_token_hint` is of, or null when it sent none. @spec OIDC Core §3.1.2.1 */
export function readHintedSub(parts: Pick<Parts, 'keys' | 'issuer'>, hint: string | undefined): string | null {
  if (hint === undefined) return null
  const claims = readIdTokenHint(parts, hint)
  if (claims === null) throw new OAuthError('invalid_request', hintProblem(hint))
  return claims.sub
}
