import { resolve } from 'node:path'
import type { ServeConfig } from './serve-config.ts'
import type { Paths } from './server-settings.ts'
import { flag, type Members, type Problems, readMember, readMembers, text } from './shape.ts'
/** The store, and the file of the key that encrypts what must not stand in it in the clear. */
export function readStore(
  { problems, directory }: Paths,
  members: Members,
): Pick<ServeConfig, 'store' | 'encryptionKeyFile'> {
  const keyFile = readMember(problems, members, { path: '', key: 'encryption_key_file', read: text, fallback: '' })
  const named = keyFile === '' ? null : resolve(directory, keyFile)
  const store = readPlace({ problems, directory }, members.store)
  if (store.kind === 'sqlite') return { store, encryptionKeyFile: named ?? `${store.file}.key` }
  if (store.kind === 'postgres' && named === null)
    problems.add('encryption_key_file', 'is missing; with PostgreSQL every node needs the same file, so name it')
  return { store, encryptionKeyFile: named }
}

const example =
  '"memory" or { "sqlite": "latchkey.db" } or { "postgres": "postgres://latchkey@db.example.com/latchkey" }'

function readPlace({ problems, directory }: Paths, value: unknown): ServeConfig['store'] {
  if (value === 'memory') return { kind: 'memory' }
  if (value === undefined || typeof value !== 'object') {
    problems.add('store', `${value === undefined ? 'is missing' : 'is unknown'}; write ${example}`)
    return { kind: 'memory' }
  }
  const members = readMembers(problems, { path: 'store', value, known: ['sqlite', 'postgres', 'pooled'] })
  if (members.sqlite !== undefined && members.postgres !== undefined)
    problems.add('store', 'names two places; keep either "sqlite" or "postgres"')
  return members.postgres === undefined
    ? { kind: 'sqlite', file: resolve(directory, readFile(problems, members)) }
    : { kind: 'postgres', ...readPostgres(problems, members) }
}

function readFile(problems: Problems, members: Members): string {
  if (members.sqlite === undefined) problems.add('store.sqlite', 'is missing; name a file such as "latchkey.db"')
  if (members.pooled !== undefined) problems.add('store.pooled', 'belongs to "postgres" alone; remove it')
  return readMember(problems, members, { path: 'store', key: 'sqlite', read: text, fallback: '' })
}

/** The message never repeats the connection string: a password may stand in it. */
function readPostgres(problems: Problems, members: Members): { readonly url: string; readonly pooled?: boolean } {
  const url = readMember(problems, members, { path: 'store', key: 'postgres', read: text, fallback: '' })
  if (typeof members.postgres === 'string' && !/^postgres(ql)?:\/\/./.test(url))
    problems.add('store.postgres', 'is no connection string; write "postgres://user@host/database"')
  const pooled = readMember(problems, members, { path: 'store', key: 'pooled', read: flag, fallback: undefined })
  return { url, ...(pooled === undefined ? {} : { pooled }) }
}
