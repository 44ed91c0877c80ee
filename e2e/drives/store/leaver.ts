import { type Listening, listen, type Person } from '@latchkey/testing'
import { authorizePath, type Post, Unknown } from './customer.ts'
import { alice, redirectUri } from './house.ts'

/** The client that is told by the back channel when a session ends. */
export const toldClient = 'told'

/** Signs in, gets tokens and signs out again, without end; and whoever hears of that by the back channel. */
export interface Leaver {
  readonly tally: { leaving: number; told: number; again: number }
  /** Once through; what the person was told before the server died counts. @throws Unknown */
  leave(browser: Person, post: Post): Promise<void>
  /** Holds the server to it: whoever was told to be signed out is, and whatever session ended, its client was told of. */
  check(post: Post): Promise<void>
}

interface Left {
  readonly sid: string
  /** Which ends with the session: without offline access there is nothing that outlives it. */
  readonly accessToken: string
  /** Whether the page said so. */
  readonly isAcknowledged: boolean
}

/** Longer than a lease of the queue, a look at it and a start of a server. */
const patienceSeconds = 120

/** Where the client hears of sessions that ended, and how often of each. */
export interface Ear extends Pick<Listening, 'close'> {
  readonly uri: string
  readonly heard: ReadonlyMap<string, number>
}

export async function openEar(): Promise<Ear> {
  const heard = new Map<string, number>()
  const { origin, close } = await listen(async (request) => {
    const token = new URLSearchParams(await request.text()).get('logout_token') ?? ''
    const { sid } = payloadOf(token)
    heard.set(sid, (heard.get(sid) ?? 0) + 1)
    return new Response(null)
  })
  return { uri: `${origin}/backchannel`, heard, close }
}

function payloadOf(token: string): { readonly sid: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

export function createLeaver({ heard }: Ear): Leaver {
  const left: Left[] = []
  const tally = { leaving: 0, told: 0, again: 0 }

  async function signedIn(browser: Person, post: Post): Promise<Omit<Left, 'isAcknowledged'>> {
    const asked = await browser.open(authorizePath(toldClient, 'openid'))
    const page = asked.leftTo === null ? await browser.submit(asked, alice) : asked
    const code = page.leftTo?.searchParams.get('code') ?? null
    if (code === null) throw new Unknown()
    const { status, body } = await post('/token', toldClient, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
    })
    if (status !== 200) throw new Error(`a code of ${toldClient}: ${status} ${JSON.stringify(body)}`)
    return { sid: payloadOf(String(body.id_token)).sid, accessToken: String(body.access_token) }
  }

  async function isOver({ accessToken }: Left, post: Post): Promise<boolean> {
    const { body } = await post('/introspect', toldClient, { token: accessToken })
    return body.active !== true
  }

  return {
    tally,
    async leave(browser, post) {
      const session = await signedIn(browser, post)
      const question = await browser.open('/end-session')
      const isAcknowledged = await browser.submit(question, {}).then(
        ({ text }) => /You are signed out/.test(text),
        (error: unknown) => {
          if (error instanceof Unknown) return false
          throw error
        },
      )
      left.push({ ...session, isAcknowledged })
      tally.leaving++
    },
    async check(post) {
      const ended: Left[] = []
      for (const one of left) {
        if (await isOver(one, post)) ended.push(one)
        else if (one.isAcknowledged) throw new Error('a sign-out is lost')
      }
      const untold = () => ended.filter(({ sid }) => !heard.has(sid))
      for (let second = 0; untold().length > 0; second++) {
        if (second === patienceSeconds)
          throw new Error(`${untold().length} sessions ended and nobody told their client`)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
      for (const [sid] of heard) {
        if (!ended.some((one) => one.sid === sid) && left.some((one) => one.sid === sid))
          throw new Error('a client was told of a session that goes on')
      }
      tally.told = ended.length
      tally.again = [...heard.values()].reduce((sum, times) => sum + times - 1, 0)
    },
  }
}
