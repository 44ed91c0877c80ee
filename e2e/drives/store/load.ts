import type { Person } from '@latchkey/testing'
import { Chain } from './chain.ts'
import { authorizePath, codeFor, consent, customerOf, type Post, signIn, Unknown, withdraw } from './customer.ts'
import { api, redirectUri } from './house.ts'
import { createLeaver, type Ear } from './leaver.ts'
import { race } from './race.ts'

export interface Tally {
  client_credentials: number
  redeemed: number
  refreshed: number
  revoked: number
  consented: number
  /** Consents taken back, with the tokens that hung on them. */
  withdrawn: number
  /** Codes and refresh tokens presented twice at the same instant. */
  raced: number
  /** Signed in and out again, where the server lived long enough to say whether. */
  left: number
  /** Sessions whose client was told of their end, and how often beyond once. */
  told: number
  told_again: number
  /** Requests whose answer got lost, or that were refused for the moment. */
  unknown: number
}

/** Clients and a person who go on without end, and a ledger of what was acknowledged to them. */
export interface Load {
  readonly tally: Tally
  /** Signs the person in, in every browser; once, before everything else. */
  begin(): Promise<void>
  /** Works until `stop`, whatever becomes of the server. */
  run(): { stop(): Promise<void> }
  /** Holds the server to what was acknowledged since the last check, and to some of what was before. */
  check(): Promise<void>
  /** Holds it to everything, and presents every code again. Resolves with how many facts were looked at. */
  checkAll(): Promise<number>
}

interface Withdrawn {
  readonly client: string
  readonly refreshToken: string
}

/** Before a client tries again. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 25))

export function createLoad(
  issuer: string,
  options: { readonly consents: number; readonly browsers: number; readonly random: () => number; readonly ear: Ear },
): Load {
  const tally: Tally = {
    client_credentials: 0,
    redeemed: 0,
    refreshed: 0,
    revoked: 0,
    consented: 0,
    withdrawn: 0,
    raced: 0,
    left: 0,
    told: 0,
    told_again: 0,
    unknown: 0,
  }
  const { post, person } = customerOf(issuer, () => void tally.unknown++)
  const [alice = person(), ...others] = Array.from({ length: options.browsers }, person)
  const browsers = [alice, ...others]
  const leaver = createLeaver(options.ear)
  const chains: Chain[] = []
  const tokens: string[] = []
  const consented: string[] = []
  const withdrawn: Withdrawn[] = []
  let seen = { chains: 0, tokens: 0, consented: 0, withdrawn: 0 }

  const jobs = {
    async machine() {
      const { status, body } = await post('/token', 'machine', { grant_type: 'client_credentials', resource: api })
      if (status !== 200) throw new Error(`client_credentials: ${status} ${JSON.stringify(body)}`)
      tokens.push(String(body.access_token))
      tally.client_credentials++
    },
    async chain(browser: Person) {
      const code = await codeFor(browser, 'web-0')
      const chain = new Chain(code, post)
      chains.push(chain)
      const steps = ['redeem', 'refresh', 'refresh', ...(options.random() < 0.4 ? (['revoke'] as const) : [])] as const
      for (const step of steps) if (!chain.isOver) await chain.take(step)
    },
    async race(browser: Person) {
      await race([await codeFor(browser, 'web-0'), await codeFor(browser, 'web-0')], post)
      tally.raced++
    },
    leave: () => leaver.leave(person(), post),
    async consent() {
      const asked = consented.length + withdrawn.length
      const client = `web-${asked + 1}`
      if (asked >= options.consents) return void (await pause())
      const code = await consent(alice, client)
      // Every third is taken back again, with what was got for it.
      if (asked % 3 === 2) return takeBack(client, code)
      consented.push(client)
      tally.consented++
    },
  }

  async function takeBack(client: string, code: string): Promise<void> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    const { status, body } = await post('/token', client, form)
    if (status !== 200) throw new Error(`a code of ${client}: ${status} ${JSON.stringify(body)}`)
    await withdraw(alice, client)
    withdrawn.push({ client, refreshToken: String(body.refresh_token) })
    tally.withdrawn++
  }

  async function isKept(from: typeof seen, to: typeof seen): Promise<void> {
    await severalAtOnce(chains.slice(from.chains, to.chains), (chain) => chain.check())
    await severalAtOnce(tokens.slice(from.tokens, to.tokens), (token) => expectActive(post, token))
    await severalAtOnce(consented.slice(from.consented, to.consented), (client) => expectConsent(alice, client))
    await severalAtOnce(withdrawn.slice(from.withdrawn, to.withdrawn), (gone) => expectWithdrawn(alice, gone, post))
  }
  const all = () => ({
    chains: chains.length,
    tokens: tokens.length,
    consented: consented.length,
    withdrawn: withdrawn.length,
  })

  return {
    tally,
    async begin() {
      for (const browser of browsers) await signIn(browser)
    },
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
      const chained = browsers.flatMap((browser) => [() => chain(browser), () => chain(browser)])
      const working = Promise.all([machine, machine, ...chained, ask, () => jobs.race(alice), jobs.leave].map(until))
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
        { chains: back, tokens: back, consented: back, withdrawn: 0 },
        { chains: back + 3, tokens: back + 3, consented: 0, withdrawn: 0 },
      )
    },
    async checkAll() {
      await isKept({ chains: 0, tokens: 0, consented: 0, withdrawn: 0 }, all())
      for (const { acknowledged } of chains) {
        tally.redeemed += acknowledged.redeem
        tally.refreshed += acknowledged.refresh
        tally.revoked += acknowledged.revoke
      }
      await severalAtOnce(chains, async (chain) => {
        await chain.presentAgain()
        await chain.check()
      })
      await leaver.check(post)
      const { leaving, told, again } = leaver.tally
      Object.assign(tally, { left: leaving, told, told_again: again })
      return chains.length + tokens.length + consented.length + withdrawn.length + leaving
    },
  }
}

/** Each in its turn, eight under way. */
async function severalAtOnce<T>(items: readonly T[], look: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of rest) await look(item)
    }),
  )
}

async function expectActive(post: Post, token: string): Promise<void> {
  const { body } = await post('/introspect', 'machine', { token })
  if (body.active !== true) throw new Error('an access token is lost')
}

async function expectConsent(person: Person, client: string): Promise<void> {
  const { leftTo } = await person.open(authorizePath(client))
  if (leftTo?.searchParams.has('code') !== true) throw new Error(`the consent to ${client} is lost`)
}

async function expectWithdrawn(person: Person, { client, refreshToken }: Withdrawn, post: Post): Promise<void> {
  const { body } = await post('/token', client, { grant_type: 'refresh_token', refresh_token: refreshToken })
  if (body.error !== 'invalid_grant') throw new Error(`${client} goes on after its access was withdrawn`)
  const { leftTo } = await person.open(authorizePath(client))
  if (leftTo !== null) throw new Error(`the consent to ${client} is back after it was withdrawn`)
}
