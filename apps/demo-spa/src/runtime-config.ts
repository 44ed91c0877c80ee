/** What the server says at `/config.json`, so that moved ports need no new build. */
export interface RuntimeConfig {
  /** Where tokens live: in the page, or on the server that the page came from. */
  readonly mode: 'browser' | 'bff'
  readonly issuer: string
  readonly clientId: string
  readonly audience: string
  /** The API's own origin, for the cross-origin page. */
  readonly apiUrl: string
  /** The demo that keeps tokens on its server; empty when it does not run. */
  readonly bffUrl: string
}

/** Throws when the server has no configuration to give. */
export async function loadRuntimeConfig(): Promise<RuntimeConfig> {
  const response = await fetch('/config.json', { cache: 'no-store' })
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`)
  return (await response.json()) as RuntimeConfig
}
