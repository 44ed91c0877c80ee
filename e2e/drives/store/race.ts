import { type Answer, type Post, Unknown } from './customer.ts'
import { redirectUri } from './house.ts'

const client = 'web-0'

/**
 * Presents a code, and then the refresh token of another, twice at the same instant: to two nodes, where there are several.
 * @throws Error when both brought tokens of their own
 */
export async function race(codes: readonly [string, string], post: Post): Promise<void> {
  const redeem = (code: string) =>
    post('/token', client, { grant_type: 'authorization_code', code, redirect_uri: redirectUri })
  if ((await twice(() => redeem(codes[0]))).length > 1) throw new Error('a code was redeemed twice at the same instant')
  const { status, body } = await redeem(codes[1])
  if (status !== 200) throw new Error(`redeem before a race: ${status} ${JSON.stringify(body)}`)
  const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
  const successors = (await twice(() => post('/token', client, form))).map((answer) => answer.body.refresh_token)
  if (new Set(successors).size > 1) throw new Error('a refresh token has two successors')
}

/** The answers that brought something. */
async function twice(send: () => Promise<Answer>): Promise<readonly Answer[]> {
  const known = (error: unknown): null => {
    if (!(error instanceof Unknown)) throw error
    return null
  }
  const answers = await Promise.all([send().catch(known), send().catch(known)])
  return answers.flatMap((answer) => (answer?.status === 200 ? [answer] : []))
}
