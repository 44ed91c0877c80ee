import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { readAuditSettings } from './audit-settings.ts'
import { clientProofKeys, readClientProofs } from './client-proof-settings.ts'
import { grantKeys, readGrantSettings } from './grant-settings.ts'
import { readJsonText } from './json-text.ts'
import { keySettingKeys, readKeySettings } from './key-settings.ts'
import { readClients, readResources, readUsers } from './registered.ts'
import { readRegistrationSettings, registrationSettingKeys } from './registration-settings.ts'
import { readRequestSettings, requestKeys } from './request-settings.ts'
import type { ServeConfig } from './serve-config.ts'
import { readIssuerAndListen, readLifetimes } from './server-settings.ts'
import { flag, oneOf, type Problems, readMember, readMembers } from './shape.ts'
import { readStatusLists } from './status-list-settings.ts'
import { readStore } from './store-setting.ts'

export interface ConfigSource {
  /** How messages name it. */
  readonly name: string
  readonly text: string
  /** What relative paths count from. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Reads a configuration file; relative paths inside count from its folder. Throws a ConfigError with every problem at once. */
export function readConfig(file: string, environment: ConfigSource['environment'] = process.env): ServeConfig {
  const path = resolve(file)
  return parseConfig({ name: file, text: readText(path), directory: dirname(path), environment })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT')
      throw new ConfigError([
        `There is no file ${path}. Write one to start from with: latchkey serve --print-config > ${path}`,
      ])
    if (code === 'EISDIR') throw new ConfigError([`${path} is a folder; --config takes a JSON file.`])
    throw new ConfigError([`${path} cannot be read (${code}). Give this user the right to read it.`])
  }
}

export const topLevelKeys = [
  'issuer',
  'listen',
  'store',
  'encryption_key_file',
  'lifetimes',
  'clients',
  'users',
  'resources',
  'status_lists',
  'query_access_tokens',
  ...keySettingKeys,
  ...grantKeys,
  ...clientProofKeys,
  ...requestKeys,
  ...registrationSettingKeys,
  'audit',
  'log',
]

/** Checks a configuration text as a whole. Throws a ConfigError with every problem at once. */
export function parseConfig(source: ConfigSource): ServeConfig {
  const { value, lines } = readJsonText(source.text, source.name)
  const found: string[] = []
  const warnings: string[] = []
  const problems: Problems = {
    add(path, what) {
      const line = lineOf(lines, path)
      found.push(`${path === '' ? source.name : path}${line === undefined ? '' : ` (line ${line})`}: ${what}`)
    },
  }
  const members = readMembers(problems, { path: '', value, known: topLevelKeys })
  const paths = { problems, directory: source.directory }
  const resources = readResources(problems, members.resources)
  const listening = readIssuerAndListen(paths, members, warnings)
  const config: ServeConfig = {
    ...readClientProofs({ ...paths, hasTls: listening.listen.tls !== null }, members),
    ...readRequestSettings(problems, members),
    ...readKeySettings(paths, members),
    ...readAuditSettings(problems, members),
    ...listening,
    clientRegistration: readRegistrationSettings(problems, members),
    grants: readGrantSettings(problems, members),
    ...readStore(paths, members),
    lifetimes: readLifetimes(problems, members.lifetimes, source.environment),
    clients: readClients(problems, members.clients, resources),
    users: readUsers(problems, members.users),
    resources,
    statusLists: readStatusLists(problems, members),
    queryAccessTokens: readMember(problems, members, {
      path: '',
      key: 'query_access_tokens',
      read: flag,
      fallback: false,
    }),
    log: readMember(problems, members, {
      path: '',
      key: 'log',
      read: oneOf('json', 'text', 'none'),
      fallback: 'text' as const,
    }),
    warnings,
  }
  if (found.length > 0) throw new ConfigError(found)
  return config
}

/** The line of the value at `path`, or of the nearest that holds it. */
function lineOf(lines: ReadonlyMap<string, number>, path: string): number | undefined {
  for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/, '')) {
    const line = lines.get(at)
    if (line !== undefined) return line
    if (!/[.[]/.test(at)) break
  }
  return undefined
}
