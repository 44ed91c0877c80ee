import { formatChallenge, parseChallenges } from '@latchkey/protocol'
import { problem } from '../http/problem.ts'
import type { Session } from '../session/sessions.ts'
import type { CheckedRoute } from './routes.ts'

const wanting = ['insufficient_user_authentication', 'insufficient_scope']

/**
 * An API that asks for a stronger or fresher sign-in, or for more rights, said so that a front end can act on it: a
 * problem with the address that asks the person. Null for every other answer. @spec RFC 9470 §3; RFC 6750 §3.1
 */
export function stepUpProblem(status: number, challenge: string | null, basePath: string): Response | null {
  if (status !== 401 && status !== 403) return null
  const challenges = parseChallenges(challenge)
  const found = challenges.map(({ parameters }) => parameters).find(({ error = '' }) => wanting.includes(error))
  if (found?.error === undefined) return null
  const query = new URLSearchParams()
  if (found.acr_values !== undefined) query.set('acr_values', found.acr_values)
  if (/^\d+$/.test(found.max_age ?? '')) query.set('max_age', found.max_age ?? '')
  if (found.error === 'insufficient_scope') query.set('prompt', 'consent')
  const detail =
    found.error === 'insufficient_scope'
      ? `the API wants more rights${found.scope === undefined ? '' : `: ${found.scope}`}`
      : 'the API wants a stronger or fresher sign-in'
  const loginUrl = `${basePath}/login${query.size > 0 ? `?${query}` : ''}`
  const answer = problem({ status, code: found.error, detail, loginUrl })
  // For the browser client, which judges answers by their headers alone.
  const { error, scope, acr_values, max_age } = found
  answer.headers.set('www-authenticate', formatChallenge('Bearer', { error, scope, acr_values, max_age }))
  return answer
}

/** The answer for a person who has not signed in as strongly as the route wants; null where they have. @spec RFC 9470 §3, §4 */
export async function acrRefusal(
  session: Session,
  { acr }: Pick<CheckedRoute, 'acr'>,
  basePath: string,
): Promise<Response | null> {
  if (acr === undefined) return null
  const opened = await session.open({ slide: false })
  if (opened === null || acr.some((value) => value === opened.held.claims?.acr)) return null
  const challenge = formatChallenge('Bearer', { error: 'insufficient_user_authentication', acr_values: acr.join(' ') })
  return stepUpProblem(401, challenge, basePath)
}
