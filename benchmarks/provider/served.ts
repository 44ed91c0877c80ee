/** What a server under measurement offers: the same for Latchkey and its peer. */
export interface Served {
  readonly port: number
  readonly paths: {
    readonly token: string
    readonly introspection: string
    readonly userinfo: string
    readonly discovery: string
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
export const api = 'https://api.example.com'
export const chains = 64

/** Tells the measuring process that the server is there; answers `cpu` with the µs used so far and `prepare` with tokens. */
export function announce(served: Served, prepare: () => Promise<Prepared>): void {
  process.send?.(served)
  process.on('message', async (question) => {
    const { user, system } = process.cpuUsage()
    process.send?.(question === 'cpu' ? user + system : await prepare())
  })
}
