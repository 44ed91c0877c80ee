import { resolve } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { type AuditQuery, type AuditRecord, auditIdAt, type Store } from '@latchkey/provider'
import { readConfig } from '../config/read-config.ts'
import { openStores } from '../stores.ts'

export interface AuditArguments {
  readonly config: string
  readonly type?: string
  readonly client?: string
  readonly person?: string
  readonly from?: string
  readonly until?: string
  readonly limit?: string
  readonly json?: boolean
}

const pageSize = 500

/** `latchkey audit`: entries of the audit trail, newest first, as a table or as one JSON object a line. */
export async function auditCommand(given: AuditArguments): Promise<void> {
  const { store: place } = readConfig(resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', given.config))
  if (place.kind === 'memory')
    throw new ConfigError(['"store" is "memory": its audit trail is in the server’s process alone.'])
  const most = readLimit(given.limit)
  const query = readQuery(given)
  const stores = openStores(place)
  try {
    await stores.ready()
    const print = given.json === true ? printJson : printTable()
    for await (const page of pages(stores.store, query, most)) print(page)
  } finally {
    await stores.close()
  }
}

function readLimit(limit = '50'): number {
  if (limit === 'all') return Number.POSITIVE_INFINITY
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new ConfigError([`--limit takes a whole number or "all", not "${limit}"`])
  return Number(limit)
}

function readQuery({ type, client, person, from, until }: AuditArguments): Omit<AuditQuery, 'limit'> {
  return {
    ...(type === undefined ? {} : { type }),
    ...(client === undefined ? {} : { clientId: client }),
    ...(person === undefined ? {} : { person }),
    ...(from === undefined ? {} : { from: auditIdAt(instantOf('--from', from)) }),
    ...(until === undefined ? {} : { before: auditIdAt(instantOf('--until', until)) }),
  }
}

/** A day or an instant of ISO 8601; without a zone it is UTC. */
function instantOf(option: string, text: string): number {
  const [, day = '', time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  const milliseconds = Date.parse(`${day}${time}${zone}`)
  if (Number.isNaN(milliseconds))
    throw new ConfigError([
      `${option} takes a day or an instant, such as 2027-01-31 or 2027-01-31T08:00Z, not "${text}"`,
    ])
  return milliseconds / 1000
}

async function* pages(
  store: Pick<Store, 'audit'>,
  query: Omit<AuditQuery, 'limit'>,
  most: number,
): AsyncGenerator<readonly AuditRecord[]> {
  let before = query.before
  for (let left = most; left > 0; ) {
    const limit = Math.min(left, pageSize)
    const page = await store.audit.list({ ...query, ...(before === undefined ? {} : { before }), limit })
    if (page.length > 0) yield page
    if (page.length < limit) return
    left -= page.length
    before = page.at(-1)?.id
  }
}

function printJson(page: readonly AuditRecord[]): void {
  const lines = page.map(({ at, expiresAt, ...record }) =>
    JSON.stringify({ at: isoOf(at), ...record, expiresAt: isoOf(expiresAt) }),
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}

const head = ['at', 'what', 'person', 'by', 'client', 'more'] as const

/** Columns as wide as the first page needs them. */
function printTable(): (page: readonly AuditRecord[]) => void {
  let widths: readonly number[] | undefined
  return (page) => {
    const rows = page.map((record) => [
      isoOf(record.at).slice(0, 19),
      record.type,
      record.sub ?? '–',
      record.actor ?? '–',
      record.clientId ?? '–',
      [record.error, record.detail, record.grantType].filter((fact) => fact !== null).join('; '),
    ])
    const all = widths === undefined ? [head, ...rows] : rows
    widths ??= head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
    const wide = widths
    const line = (row: readonly string[]) => row.map((cell, column) => plain(cell).padEnd(wide[column] ?? 0)).join('  ')
    process.stdout.write(`${all.map((row) => line(row).trimEnd()).join('\n')}\n`)
  }
}

function isoOf(at: number): string {
  return new Date(at * 1000).toISOString()
}

/** A detail may quote what somebody sent: nothing of it commands the terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd')
}
