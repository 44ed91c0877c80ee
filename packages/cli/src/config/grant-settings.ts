import { supportedGrantTypes } from '@latchkey/protocol'
import type { ProviderOptions, TrustedIssuer } from '@latchkey/provider'
import {
  below,
  flag,
  listOf,
  type Members,
  type Problems,
  readMember,
  readMembers,
  text,
  wholeNumber,
} from './shape.ts'

/** Grants besides those for browsers and machines, as `createProvider` takes them. */
export type GrantSettings = Pick<ProviderOptions, 'grantLifetimes' | 'deviceFlow' | 'ciba' | 'trustedIssuers'>

export const grantKeys = ['grant_lifetimes', 'device_flow', 'ciba', 'trusted_issuers']
export const trustedIssuerKeys = ['issuer', 'jwks', 'jwks_uri', 'subject_claim', 'clients', 'scope']

export function readGrantSettings(problems: Problems, members: Members): GrantSettings {
  const hasCiba = readMember(problems, members, { path: '', key: 'ciba', read: flag, fallback: false })
  return {
    grantLifetimes: readGrantLifetimes(problems, members.grant_lifetimes ?? {}),
    deviceFlow: readMember(problems, members, { path: '', key: 'device_flow', read: flag, fallback: true }),
    trustedIssuers: readMember(problems, members, {
      path: '',
      key: 'trusted_issuers',
      read: listOf(readTrustedIssuer),
      fallback: [],
    }),
    ...(hasCiba ? { ciba: {} } : {}),
  }
}

const hundredYears = 3_153_600_000

function readGrantLifetimes(problems: Problems, value: unknown): Readonly<Record<string, number>> {
  const path = 'grant_lifetimes'
  const lifetimes: Record<string, number> = {}
  for (const [key, seconds] of Object.entries(readMembers(problems, { path, value, known: supportedGrantTypes }))) {
    const read = wholeNumber(1, hundredYears)(problems, { path: below(path, key), value: seconds })
    if (read !== undefined) lifetimes[key] = read
  }
  return lifetimes
}

function readTrustedIssuer(problems: Problems, { path, value }: { path: string; value: unknown }): TrustedIssuer {
  const members = readMembers(problems, { path, value, known: trustedIssuerKeys })
  if (members.issuer === undefined) problems.add(below(path, 'issuer'), 'is missing')
  if ((members.jwks === undefined) === (members.jwks_uri === undefined)) {
    problems.add(path, 'needs its keys, either by value (jwks) or by reference (jwks_uri)')
  }
  const optional = (key: string) =>
    readMember<string | undefined>(problems, members, { path, key, read: text, fallback: undefined })
  const [uri, claim, scope] = [optional('jwks_uri'), optional('subject_claim'), optional('scope')]
  return {
    issuer: readMember(problems, members, { path, key: 'issuer', read: text, fallback: '' }),
    ...(members.jwks === undefined ? {} : { jwks: readJwks(problems, below(path, 'jwks'), members.jwks) }),
    ...(uri === undefined ? {} : { jwks_uri: uri }),
    ...(claim === undefined ? {} : { subject_claim: claim }),
    ...(scope === undefined ? {} : { scope }),
    ...(members.clients === undefined
      ? {}
      : { clients: readMember(problems, members, { path, key: 'clients', read: listOf(text), fallback: [] }) }),
  }
}

function readJwks(problems: Problems, path: string, value: unknown): NonNullable<TrustedIssuer['jwks']> {
  const { keys } = readMembers(problems, { path, value, known: ['keys'] })
  if (Array.isArray(keys)) return { keys }
  problems.add(below(path, 'keys'), 'must be a list of public keys')
  return { keys: [] }
}
