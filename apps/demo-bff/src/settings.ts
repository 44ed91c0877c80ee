import { ConfigError, decodeBase64url } from '@latchkey/protocol'

export interface DemoSettings {
  readonly port: number
  readonly host: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly audience: string
  readonly apiUrl: string
  readonly sessionDb: string
  readonly sessionKey: Uint8Array
  /** The built Angular demo, answered at the name `localhost` of this server; empty for none. */
  readonly angularFolder: string
  /** The built React demo, answered at the name `react.localhost`; empty for none. */
  readonly reactFolder: string
}

/** Everything from the environment. @throws ConfigError with every variable that is missing or wrong */
export function readDemoSettings(env: Readonly<Record<string, string | undefined>>): DemoSettings {
  const problems: string[] = []
  const need = (name: string, what: string): string => {
    const value = env[name]
    if (!value) problems.push(`${name}: set it to ${what}`)
    return value ?? ''
  }
  const port = Number(env.PORT ?? 6001)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push(`PORT: "${env.PORT}" is no port number`)
  const apiUrl = (env.API_URL ?? 'http://127.0.0.1:3001').replace(/\/+$/, '')
  if (!URL.canParse(apiUrl)) problems.push(`API_URL: "${apiUrl}" is no URL`)
  const settings: DemoSettings = {
    port,
    host: env.HOST ?? '127.0.0.1',
    issuer: env.ISSUER ?? 'http://127.0.0.1:8000',
    clientId: need('CLIENT_ID', 'the client_id registered at the provider'),
    clientSecret: need('CLIENT_SECRET', 'that client’s secret'),
    audience: need('AUDIENCE', 'the identifier of the API, such as https://api.example.com'),
    apiUrl,
    sessionDb: need('SESSION_DB', 'the file in which sessions are kept'),
    angularFolder: env.ANGULAR_FOLDER ?? '',
    reactFolder: env.REACT_FOLDER ?? '',
    sessionKey: decodeBase64url(need('SESSION_KEY', '32 random bytes in base64url')) ?? new Uint8Array(),
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}
