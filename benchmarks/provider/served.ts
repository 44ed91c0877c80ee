/** What a server under measurement offers: the same for Latchkey and its peer. */
export interface Served {
  readonly port: number
  readonly paths: {
    readonly token: string
    readonly introspection: string
    readonly userinfo: string
    readonly discovery: string
    readonly jwks: string
    readonly authorize: string
  }
}

/** What a round needs; made anew for each, since the peer's memory keeps only the newest thousand entries. */
export interface Prepared {
  /** As many as there are parallel chains of refreshes. */
  readonly refreshTokens: readonly string[]
  readonly accessToken: string
}

export const machine = { id: 'machine', secret: 'machine-secret-machine-secret' }
export const web = { id: 'web', secret: 'web-secret-web-secret-web-secret' }
export const redirectUri = 'https://app.example.com/cb'
export const api = 'https://api.example.com'

/** The page on which nobody's password is checked: hashing one costs more than all the rest. */
export function signInForm(action: string): string {
  return `<form method="post" action="${action}"><input name="username"><input name="password" type="password"></form>`
}

/**
 * Tells the measuring process that the server is there; answers `cpu` with the µs used so far, `memory` with resident
 * bytes and a number with tokens for so many chains.
 */
export function announce(served: Served, prepare: (chains: number) => Promise<Prepared>): void {
  process.send?.(served)
  process.on('message', async (question) => {
    if (typeof question === 'number') process.send?.(await prepare(question))
    else if (question === 'memory') process.send?.(process.memoryUsage.rss())
    else {
      const { user, system } = process.cpuUsage()
      process.send?.(user + system)
    }
  })
}
