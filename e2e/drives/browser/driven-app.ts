/** What a page under the drive offers, whichever library is in it. */
export interface DrivenApp {
  /** Resolves when it is known whether somebody is signed in. */
  start(): Promise<void>
  signIn(): Promise<void>
  /** An access token to call an API with; null when nobody is signed in. Rejects when none is to be had for now. */
  token(): Promise<string | null>
  signedIn(): Promise<boolean>
}

/** What a page has lived through. */
export interface TabReport {
  /** Calls for a token, and how they ended. */
  readonly calls: number
  readonly tokens: number
  readonly nothing: number
  readonly failures: number
  /** Tokens handed out although they had expired. */
  readonly expired: number
  /** How often the person was signed in and then was not. */
  readonly signOuts: number
  readonly signedIn: boolean
}

declare global {
  interface Window {
    app: DrivenApp
    report: () => TabReport
  }
}

/** Asks for a token about once a second, as an application with something to do does, and keeps count. */
export function drive(app: DrivenApp): void {
  const count = { calls: 0, tokens: 0, nothing: 0, failures: 0, expired: 0, signOuts: 0, signedIn: false }
  const look = async () => {
    const now = await app.signedIn()
    if (count.signedIn && !now) count.signOuts++
    count.signedIn = now
  }
  const again = () => setTimeout(work, 500 + Math.random() * 1000)
  async function work(): Promise<void> {
    again()
    await look()
    if (!count.signedIn) return
    count.calls++
    try {
      const token = await app.token()
      if (token === null || token === '') count.nothing++
      else if (isExpired(token)) count.expired++
      else count.tokens++
    } catch {
      count.failures++
    }
    await look()
  }
  window.app = app
  window.report = () => ({ ...count })
  void app.start().then(look).then(again)
}

/** Tokens of the drive are JWTs. */
function isExpired(token: string): boolean {
  const payload = token.split('.')[1]
  if (payload === undefined) return false
  const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
  return typeof exp === 'number' && exp * 1000 < Date.now()
}
