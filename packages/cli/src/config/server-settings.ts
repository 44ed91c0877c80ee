import { resolve } from 'node:path'
import { isLoopbackHost, issuerProblems } from '@latchkey/protocol'
import { defaultLifetimes, type Lifetimes } from '@latchkey/provider'
import type { ServeConfig } from './serve-config.ts'
import { below, type Members, type Problems, readMember, readMembers, text, wholeNumber } from './shape.ts'

export interface Paths {
  readonly problems: Problems
  readonly directory: string
}

/** Seconds; an orchestrator has killed the process long before. */
const longestGrace = 3600

/** The issuer, where to listen, and whether the two fit together. */
export function readIssuerAndListen(
  { problems, directory }: Paths,
  members: Members,
  warnings: string[],
): Pick<ServeConfig, 'issuer' | 'listen'> {
  const issuer = readIssuer(problems, members)
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isLocal = url !== undefined && isLoopbackHost(url.hostname)
  const path = 'listen'
  const listen = readMembers(problems, {
    path,
    value: members.listen ?? {},
    known: ['host', 'port', 'tls', 'drain_grace'],
  })
  const host = readMember(problems, listen, { path, key: 'host', read: text, fallback: '127.0.0.1' })
  const ownPort = isLocal ? Number(url.port || (url.protocol === 'https:' ? 443 : 80)) : 8000
  const port = readMember(problems, listen, { path, key: 'port', read: wholeNumber(0, 65_535), fallback: ownPort })
  if (port === 0 && isLocal && url.port !== '0')
    problems.add('listen.port', `is 0 (any free port), so issuer must end in ":0" too, not "${issuer}"`)
  if (port !== 0 && url?.port === '0') problems.add('issuer', 'port 0 (any free port) needs listen.port 0 too')
  const tls = readTls({ problems, directory }, listen.tls)
  if (tls !== null && url?.protocol === 'http:')
    warnings.push(`listen.tls is set, so the server speaks https only, yet issuer is "${issuer}"`)
  const read = wholeNumber(0, longestGrace)
  const drainGraceSeconds = readMember(problems, listen, { path, key: 'drain_grace', read, fallback: 0 })
  return { issuer, listen: { host, port, tls, drainGraceSeconds } }
}

function readIssuer(problems: Problems, members: Members): string {
  if (members.issuer === undefined) {
    problems.add('issuer', 'is missing; write the address people reach this server at, such as https://id.example.com')
    return ''
  }
  const issuer = text(problems, { path: 'issuer', value: members.issuer }) ?? ''
  if (issuer !== '')
    for (const problem of issuerProblems(issuer)) problems.add('issuer', problem.replace(/^issuer: /, ''))
  return issuer
}

function readTls({ problems, directory }: Paths, value: unknown): ServeConfig['listen']['tls'] {
  if (value === undefined) return null
  const path = 'listen.tls'
  const members = readMembers(problems, { path, value, known: ['key', 'cert'] })
  const files = ['key', 'cert'].map((key) => {
    if (members[key] === undefined) problems.add(below(path, key), 'is missing; name a PEM file')
    return resolve(directory, readMember(problems, members, { path, key, read: text, fallback: '' }))
  })
  return { key: files[0] ?? '', cert: files[1] ?? '' }
}

const hundredYears = 3_153_600_000

/** Seconds; `OIDC_TOKEN_EXPIRE` has the last word on the access token's. */
export function readLifetimes(
  problems: Problems,
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Lifetimes> {
  const path = 'lifetimes'
  const members = readMembers(problems, { path, value: value ?? {}, known: Object.keys(defaultLifetimes) })
  const lifetimes: Record<string, number> = {}
  for (const [key, seconds] of Object.entries(members)) {
    if (!(key in defaultLifetimes)) continue
    const least = key === 'refresh_token_grace' ? 0 : 1
    const read = wholeNumber(least, hundredYears)(problems, { path: below(path, key), value: seconds })
    if (read !== undefined) lifetimes[key] = read
  }
  const override = environment.OIDC_TOKEN_EXPIRE
  if (override === undefined || override === '') return lifetimes
  if (!/^[1-9]\d{0,9}$/.test(override) || Number(override) > hundredYears)
    problems.add('OIDC_TOKEN_EXPIRE', `must be a whole number of seconds from 1 to ${hundredYears}, not "${override}"`)
  return { ...lifetimes, access_token: Number(override) }
}
