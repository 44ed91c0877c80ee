import { ConfigError } from '@latchkey/protocol'

/** What the demo's server is told by its environment. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly issuer: string
  readonly clientId: string
  readonly audience: string
  readonly apiUrl: string
  readonly bffUrl: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws ConfigError with every wrong or missing variable at once. */
export function readSettings(environment: Environment, usualPort: number): Settings {
  const problems: string[] = []
  const required = (name: string): string => {
    const value = environment[name]?.trim() ?? ''
    if (value === '') problems.push(`${name} is missing: set it in the environment`)
    return value
  }
  const address = (name: string, value: string): string => {
    if (value !== '' && !isHttpUrl(value))
      problems.push(`${name} is "${value}": give an http(s) address without query and fragment`)
    return value
  }
  const port = Number(environment.PORT ?? usualPort)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    problems.push(`PORT is "${environment.PORT}": give a number from 0 to 65535`)
  }
  const settings = {
    port,
    host: environment.HOST ?? '127.0.0.1',
    issuer: address('ISSUER', required('ISSUER')),
    clientId: required('CLIENT_ID'),
    audience: required('AUDIENCE'),
    apiUrl: withoutSlash(address('API_URL', required('API_URL'))),
    bffUrl: address('BFF_URL', environment.BFF_URL ?? ''),
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === ''
}
