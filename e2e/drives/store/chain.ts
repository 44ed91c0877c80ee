import { type Post, Unknown } from './customer.ts'
import { redirectUri } from './house.ts'

const client = 'web-0'

/** One code and what came of it: a step whose answer got lost is taken again before the next. */
export class Chain {
  #refreshToken: string | null = null
  #accessToken = ''
  #pending: 'redeem' | 'refresh' | 'revoke' | null = null
  #isOver = false
  readonly acknowledged = { redeem: 0, refresh: 0, revoke: 0 }
  readonly #code: string
  readonly #post: Post

  constructor(code: string, post: Post) {
    this.#code = code
    this.#post = post
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** @throws Unknown, and Error when the provider broke its word */
  async take(step: 'redeem' | 'refresh' | 'revoke'): Promise<void> {
    const isAgain = this.#pending !== null
    const now = this.#pending ?? step
    this.#pending = now
    const { status, body } = await this.#send(now)
    this.#pending = null
    if (status === 200) {
      this.acknowledged[now]++
      if (now === 'revoke') this.#isOver = true
      else [this.#refreshToken, this.#accessToken] = [String(body.refresh_token), String(body.access_token)]
      if (this.acknowledged.redeem > 1) throw new Error('a code was redeemed twice')
      return
    }
    // A code whose redemption was not acknowledged may have been redeemed: presented again it ends what came of it.
    const mayBeUsed = now === 'redeem' && isAgain && body.error === 'invalid_grant'
    if (!mayBeUsed) throw new Error(`${now}${isAgain ? ' again' : ''}: ${status} ${JSON.stringify(body)}`)
    this.#isOver = true
  }

  /** Holds the provider to everything it acknowledged. */
  async check(): Promise<void> {
    for (let tries = 0; this.#pending !== null && tries < 50; tries++) {
      await this.take(this.#pending).catch((error: unknown) => {
        if (!(error instanceof Unknown)) throw error
      })
    }
    if (this.#refreshToken === null) return
    const isRevoked = this.#isOver
    for (const token of [this.#refreshToken, ...(isRevoked ? [] : [this.#accessToken])]) {
      const { body } = await this.#post('/introspect', client, { token })
      if (body.active === isRevoked) throw new Error(`a token is ${isRevoked ? 'active after its revocation' : 'lost'}`)
    }
  }

  /** Presents the code again, which must bring nothing and end all. */
  async presentAgain(): Promise<void> {
    if (this.#refreshToken === null) return
    const { status, body } = await this.#send('redeem')
    if (status === 200 || body.error !== 'invalid_grant') throw new Error(`a code was redeemed twice: ${status}`)
    this.#isOver = true
  }

  #send(step: 'redeem' | 'refresh' | 'revoke') {
    const token = this.#refreshToken ?? ''
    if (step === 'revoke') return this.#post('/revoke', client, { token })
    const form =
      step === 'redeem'
        ? { grant_type: 'authorization_code', code: this.#code, redirect_uri: redirectUri }
        : { grant_type: 'refresh_token', refresh_token: token }
    return this.#post('/token', client, form)
  }
}
