import type { Person } from '@latchkey/testing'
import { Chain } from './chain.ts'
import { authorizePath, codeFor, consent, customerOf, type Post, signIn, Unknown } from './customer.ts'
import { api } from './house.ts'

export interface Tally {
  client_credentials: number
  redeemed: number
  refreshed: number
  revoked: number
  consented: number
  /** Requests whose answer got lost, or that were refused for the moment. */
  unknown: number
}

/** Clients and a person who go on without end, and a ledger of what was acknowledged to them. */
export interface Load {
  readonly tally: Tally
  /** Signs the person in; once, before everything else. */
  begin(): Promise<void>
  /** Works until `stop`, whatever becomes of the server. */
  run(): { stop(): Promise<void> }
  /** Holds the server to what was acknowledged since the last check, and to some of what was before. */
  check(): Promise<void>
  /** Holds it to everything, and presents every code again. Resolves with how many facts were looked at. */
  checkAll(): Promise<number>
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5))

export function createLoad(
  issuer: string,
  options: { readonly consents: number; readonly random: () => number },
): Load {
  const tally: Tally = { client_credentials: 0, redeemed: 0, refreshed: 0, revoked: 0, consented: 0, unknown: 0 }
  const { post, person } = customerOf(issuer, () => void tally.unknown++)
  const alice = person()
  const chains: Chain[] = []
  const tokens: string[] = []
  const consented: string[] = []
  let seen = { chains: 0, tokens: 0, consented: 0 }

  const jobs = {
    async machine() {
      const { status, body } = await post('/token', 'machine', { grant_type: 'client_credentials', resource: api })
      if (status !== 200) throw new Error(`client_credentials: ${status} ${JSON.stringify(body)}`)
      tokens.push(String(body.access_token))
      tally.client_credentials++
    },
    async chain() {
      const code = await codeFor(alice, 'web-0')
      const chain = new Chain(code, post)
      chains.push(chain)
      const steps = ['redeem', 'refresh', 'refresh', ...(options.random() < 0.4 ? (['revoke'] as const) : [])] as const
      for (const step of steps) if (!chain.isOver) await chain.take(step)
    },
    async consent() {
      const client = `web-${consented.length + 1}`
      if (consented.length >= options.consents) return void (await pause())
      await consent(alice, client)
      consented.push(client)
      tally.consented++
    },
  }

  async function isKept(from: typeof seen, to: typeof seen): Promise<void> {
    for (const chain of chains.slice(from.chains, to.chains)) await chain.check()
    for (const token of tokens.slice(from.tokens, to.tokens)) await expectActive(post, token)
    for (const client of consented.slice(from.consented, to.consented)) await expectConsent(alice, client)
  }
  const all = () => ({ chains: chains.length, tokens: tokens.length, consented: consented.length })

  return {
    tally,
    begin: () => signIn(alice),
    run() {
      let isOver = false
      const until = async (job: () => Promise<void>): Promise<void> => {
        while (!isOver) {
          await job().catch(async (error: unknown) => {
            if (!(error instanceof Unknown)) throw error
            await pause()
          })
        }
      }
      const { machine, chain, consent: ask } = jobs
      const working = Promise.all([machine, machine, chain, chain, chain, chain, ask].map(until))
      working.catch(() => {})
      return {
        async stop() {
          isOver = true
          await working
        },
      }
    },
    async check() {
      const upTo = all()
      await isKept(seen, upTo)
      seen = upTo
      const back = Math.floor(options.random() * Math.max(1, chains.length - 10))
      await isKept(
        { chains: back, tokens: back, consented: back },
        { chains: back + 3, tokens: back + 3, consented: 0 },
      )
    },
    async checkAll() {
      await isKept({ chains: 0, tokens: 0, consented: 0 }, all())
      for (const chain of chains) {
        tally.redeemed += chain.acknowledged.redeem
        tally.refreshed += chain.acknowledged.refresh
        tally.revoked += chain.acknowledged.revoke
        await chain.presentAgain()
        await chain.check()
      }
      return chains.length + tokens.length + consented.length
    },
  }
}

async function expectActive(post: Post, token: string): Promise<void> {
  const { body } = await post('/introspect', 'machine', { token })
  if (body.active !== true) throw new Error('an access token is lost')
}

async function expectConsent(person: Person, client: string): Promise<void> {
  const { leftTo } = await person.open(authorizePath(client))
  if (leftTo?.searchParams.has('code') !== true) throw new Error(`the consent to ${client} is lost`)
}
