import type { ResponseType } from '../response-types/response-type.ts'
import { formPost } from './form-post.ts'
import { fragment } from './fragment.ts'
import { signed } from './jarm.ts'
import { query } from './query.ts'
import type { ResponseMode } from './response-mode.ts'
import { webMessage } from './web-message.ts'

/** One line a mode. Discovery lists them by itself. */
export const responseModes: readonly ResponseMode[] = [
  query,
  fragment,
  formPost,
  webMessage,
  signed(query),
  signed(fragment),
  signed(formPost),
]

/** `jwt` stands for the signed form of the mode that the response type has by default. @spec JARM §2.3.4 */
export const responseModeNames: readonly string[] = [...responseModes.map(({ name }) => name), 'jwt']

/** The mode that was asked for, or null when it is none of ours, or must not or cannot carry this answer. */
export function findResponseMode(
  requested: string | undefined,
  answer: { readonly types: readonly ResponseType[]; readonly redirectUri: string },
): ResponseMode | null {
  const usual = defaultMode(answer.types)
  if (requested === undefined) return usual
  const name = requested === 'jwt' ? `${usual.name}.jwt` : requested
  const mode = responseModes.find((each) => each.name === name)
  if (mode === undefined || mode.fits?.(answer.redirectUri) === false) return null
  // @spec OAuth Multiple Response Types §3; JARM §2.3.1
  return mode.visible && answer.types.some(({ carriesToken }) => carriesToken) ? null : mode
}

/** @spec OAuth Multiple Response Types §2.1, §5 */
export function defaultMode(types: readonly ResponseType[]): ResponseMode {
  return types.some(({ carriesToken }) => carriesToken) ? fragment : query
}
