import { formPost } from './form-post.ts'
import { fragment } from './fragment.ts'
import { query } from './query.ts'
import type { ResponseMode } from './response-mode.ts'

/** One line a mode; the first is the default of the code flow. Discovery lists them by itself. */
export const responseModes: readonly [ResponseMode, ...ResponseMode[]] = [query, fragment, formPost]
