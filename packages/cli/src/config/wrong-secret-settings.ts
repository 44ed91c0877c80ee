import { defaultWrongSecrets, wrongSecretBounds } from '@latchkey/provider'
import { type Problems, readMember, readMembers, text, wholeNumber } from './shape.ts'

/** How often wrong secrets of clients may be sent, and how it is known from where. */
export interface WrongSecretSettings {
  readonly most: number
  readonly windowSeconds: number
  /** The header in which a proxy hands on the address; null takes the connection's. */
  readonly addressHeader: string | null
  /** How many proxies add to that header before this server. */
  readonly proxies: number
}

export const wrongSecretKeys = ['most', 'window', 'address_header', 'proxies']

export function readWrongSecrets(problems: Problems, value: unknown): WrongSecretSettings {
  const path = 'wrong_secrets'
  const members = readMembers(problems, { path, value: value ?? {}, known: wrongSecretKeys })
  const number = (key: string, [least, most]: readonly [number, number], fallback: number) =>
    readMember(problems, members, { path, key, read: wholeNumber(least, most), fallback })
  const header = readMember(problems, members, { path, key: 'address_header', read: text, fallback: '' })
  if (header !== '' && !/^[A-Za-z0-9-]+$/.test(header))
    problems.add(`${path}.address_header`, 'must be the name of a header')
  if (header === '' && members.proxies !== undefined)
    problems.add(`${path}.proxies`, 'needs address_header: the header that the proxies add addresses to')
  return {
    most: number('most', wrongSecretBounds.most, defaultWrongSecrets.most),
    windowSeconds: number('window', wrongSecretBounds.windowSeconds, defaultWrongSecrets.windowSeconds),
    addressHeader: header === '' ? null : header.toLowerCase(),
    proxies: number('proxies', [1, 20], 1),
  }
}
