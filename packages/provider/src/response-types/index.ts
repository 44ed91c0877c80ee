import { canonicalResponseType, supportedResponseTypes } from '@latchkey/protocol'
import { code } from './code.ts'
import { idToken } from './id-token.ts'
import type { ResponseType } from './response-type.ts'
import { token } from './token.ts'

/** One line a word, in the order of issuing: an ID token holds hashes of what comes before it. */
export const responseTypes: readonly ResponseType[] = [code, token, idToken]

/** The pieces of a `response_type`, whatever the order of its words, or null when it is not one of ours. */
export function findResponseTypes(value: string): readonly ResponseType[] | null {
  const words = canonicalResponseType(value)
  if (!supportedResponseTypes.some((known) => canonicalResponseType(known) === words)) return null
  return responseTypes.filter(({ name }) => words.split(' ').includes(name))
}
