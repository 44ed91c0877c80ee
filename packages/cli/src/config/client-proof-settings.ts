import { resolve } from 'node:path'
import { flag, listOf, type Members, type Problems, readMember, readMembers, text } from './shape.ts'
import { readWrongSecrets, type WrongSecretSettings } from './wrong-secret-settings.ts'

/** Where certificates of clients come from. */
export interface MutualTlsSettings {
  /** The header in which a proxy hands them on; null takes them from the server's own TLS connections. */
  readonly header: string | null
  /** The absolute path of a PEM file with the authorities of `tls_client_auth`, or null for none. */
  readonly ca: string | null
  readonly endpointBase: string | null
}

/** What the server asks of clients' proofs. */
export interface ClientProofSettings {
  readonly mutualTls: MutualTlsSettings | null
  readonly requireDpopNonces: boolean
  readonly privateHosts: readonly string[]
  readonly wrongSecrets: WrongSecretSettings
}

export const clientProofKeys = ['mutual_tls', 'require_dpop_nonces', 'private_hosts', 'wrong_secrets']
export const mutualTlsKeys = ['header', 'ca', 'endpoint_base']

interface Reading {
  readonly problems: Problems
  readonly directory: string
  /** Whether the server speaks TLS itself. */
  readonly hasTls: boolean
}

export function readClientProofs(reading: Reading, members: Members): ClientProofSettings {
  const { problems } = reading
  return {
    mutualTls: readMutualTls(reading, members.mutual_tls),
    requireDpopNonces: readMember(problems, members, {
      path: '',
      key: 'require_dpop_nonces',
      read: flag,
      fallback: false,
    }),
    privateHosts: readMember(problems, members, { path: '', key: 'private_hosts', read: listOf(text), fallback: [] }),
    wrongSecrets: readWrongSecrets(problems, members.wrong_secrets),
  }
}

function readMutualTls({ problems, directory, hasTls }: Reading, value: unknown): MutualTlsSettings | null {
  if (value === undefined) return null
  const path = 'mutual_tls'
  const members = readMembers(problems, { path, value, known: mutualTlsKeys })
  const member = (key: string) => readMember(problems, members, { path, key, read: text, fallback: '' })
  const [header, ca, base] = [member('header'), member('ca'), member('endpoint_base')]
  if (header === '' && !hasTls)
    problems.add(path, 'needs listen.tls, or the header in which a proxy hands certificates on')
  if (header !== '' && !/^[A-Za-z0-9-]+$/.test(header)) problems.add(`${path}.header`, 'must be the name of a header')
  if (base !== '' && !/^https:\/\/[^?#]*[^/?#]$/.test(base))
    problems.add(`${path}.endpoint_base`, 'must be an https URL without a slash at its end')
  return {
    header: header === '' ? null : header.toLowerCase(),
    ca: ca === '' ? null : resolve(directory, ca),
    endpointBase: base === '' ? null : base,
  }
}
