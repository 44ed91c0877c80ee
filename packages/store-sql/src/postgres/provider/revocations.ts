import type { RevocationLog } from '@latchkey/provider'
import { revocationOf } from '../../provider/revocations.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'

type Row = Schema['revocations']

const channel = 'latchkey_revocations'
/** How often one looks by oneself: for news that were lost, or behind a pooler for all of them. */
const lookSeconds = { listening: 10, pooled: 1 }

/** Tells listeners, here and on other nodes, once `written` is durable and `hasAppended` says so of its result. */
export type Told = <T>(written: Promise<T>, hasAppended: (result: T) => boolean) => Promise<T>

/** Gives numbers to what arrived; until then no reader sees it. */
export async function numberRevocations(db: PostgresDatabase): Promise<void> {
  await db.write('select latchkey_number_revocations()')
}

export function postgresRevocations(db: PostgresDatabase): { readonly log: RevocationLog; readonly told: Told } {
  const listeners = createListeners(db)
  const told: Told = async (written, hasAppended) => {
    const result = await written
    if (hasAppended(result)) {
      listeners.tell()
      db.notifications.tell(channel, [''])
    }
    return result
  }
  return {
    told,
    log: {
      ...reading(db),
      append: async ({ kind, id, at, expiresAt }) => {
        const append = 'select latchkey_append_revocation($1, $2, $3, $4)'
        await told(db.write(append, [kind, id, at, expiresAt]), () => true)
      },
      subscribe: listeners.add,
    },
  }
}

function reading(db: PostgresDatabase): Pick<RevocationLog, 'after' | 'snapshot'> {
  return {
    async after(sequence, limit) {
      await numberRevocations(db)
      const sql = 'select * from revocations where sequence > $1 order by sequence limit $2'
      return (await db.read<Row>(sql, [sequence, limit])).map(revocationOf)
    },
    async snapshot({ now, after, limit }) {
      await numberRevocations(db)
      const latest = 'select coalesce(max(sequence), 0) as sequence from revocations'
      const [{ sequence: upToNow } = { sequence: 0 }] = await db.read<Pick<Row, 'sequence'>>(latest)
      const mattering = `select * from revocations where sequence > $1 and sequence <= $4 and expires_at > $2
        order by sequence limit $3`
      const rows = await db.read<Row>(mattering, [after, now, limit, upToNow])
      const entries = rows.map(revocationOf)
      const last = entries.length === limit ? entries.at(-1)?.sequence : undefined
      return { entries, upTo: last ?? Math.max(after, upToNow) }
    },
  }
}

/** Called for news of this process at once, of other nodes when they are heard of or looked for. */
function createListeners(db: PostgresDatabase) {
  const listeners = new Set<{ readonly call: () => void }>()
  const look = createLook(db, { isWanted: () => listeners.size > 0, onNews: tell })
  let deafen: (() => void) | undefined
  function tell(): void {
    for (const entry of listeners) queueMicrotask(() => entry.call())
  }
  return {
    tell,
    add(listener: () => void): () => void {
      const entry = { call: listener }
      if (listeners.size === 0) {
        deafen = db.notifications.listen(channel, tell)
        look.start()
      }
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
        if (listeners.size === 0) deafen?.()
      }
    },
  }
}

function createLook(db: PostgresDatabase, options: { readonly isWanted: () => boolean; readonly onNews: () => void }) {
  const sql = `select coalesce((select max(arrival) from revocation_inbox), 0) || ' ' ||
    coalesce((select max(sequence) from revocations), 0) as mark`
  let mark: string | undefined
  let isWaiting = false
  /** Also at the first look: something may have come since somebody began to listen. */
  async function moved(): Promise<boolean> {
    const [row] = await db.read<{ readonly mark: string }>(sql)
    const before = mark
    mark = row?.mark
    return mark !== before
  }
  function wait(): void {
    isWaiting = true
    // A pooler may be recognised at any time.
    const seconds = db.notifications.isOff ? lookSeconds.pooled : lookSeconds.listening
    db.runtime.schedule(seconds, () => {
      isWaiting = false
      if (!options.isWanted()) return
      wait()
      // Nothing while the database is away: what was missed comes with the next look.
      moved().then(
        (isNews) => isNews && options.onNews(),
        () => {},
      )
    })
  }
  return {
    start(): void {
      if (!isWaiting) wait()
    },
  }
}
