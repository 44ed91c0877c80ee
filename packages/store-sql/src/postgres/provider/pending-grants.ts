import type { PendingGrantStore } from '@latchkey/provider'
import {
  decidedPoll,
  decisionText,
  type PendingRow,
  pendingGrantOf,
  slowDownSeconds,
} from '../../provider/pending-grants.ts'
import type { PostgresDatabase } from '../postgres.ts'
import { issuedCount, issuedValues, places } from './issued-values.ts'

type Row = Pick<PendingRow, 'interval_seconds' | 'data'>

export function postgresPendingGrants(db: PostgresDatabase): PendingGrantStore {
  const redeem = `select latchkey_redeem_pending($1, $2, ${places(3, issuedCount)}) as outcome`
  return {
    async create({ hash, lookup, clientId, intervalSeconds, createdAt, expiresAt, ...rest }) {
      const record = { hash, lookup, clientId, intervalSeconds, createdAt, expiresAt, ...rest }
      const [row] = await db.write<{ readonly created: boolean }>(
        `select latchkey_create_pending(${places(1, 7)}) as created`,
        [hash, lookup, clientId, intervalSeconds, createdAt, expiresAt, JSON.stringify(record)],
      )
      return row?.created === true ? 'created' : 'taken'
    },
    async find(hash, now) {
      const sql = 'select interval_seconds, data from pending_grants where hash = $1 and expires_at > $2'
      return pendingGrantOf((await db.read<Row>(sql, [hash, now]))[0])
    },
    async findByLookup(lookup, now) {
      const sql = `select interval_seconds, data from pending_grants
        where lookup = $1 and expires_at > $2 and decision is null`
      return pendingGrantOf((await db.read<Row>(sql, [lookup, now]))[0])
    },
    async decide(hash, decision, now) {
      const { text, sid } = decisionText(decision)
      const sql = `update pending_grants set decision = $1, sid = $2
        where hash = $3 and expires_at > $4 and decision is null`
      return (await db.count(sql, [text, sid, hash, now])) === 1
    },
    async poll(hash, now) {
      type Answer = { outcome: 'pending' | 'slow_down' | 'unknown' | 'expired' | 'decided'; decided: string }
      const [row] = await db.write<Answer>('select * from latchkey_poll($1, $2, $3)', [hash, now, slowDownSeconds])
      if (row?.outcome === 'decided') return decidedPoll(row.decided)
      return { outcome: row?.outcome ?? 'unknown' }
    },
    async redeem(hash, issued, now) {
      const values = [hash, now, ...issuedValues(issued, now)]
      const [row] = await db.write<{ readonly outcome: 'redeemed' | 'unknown' }>(redeem, values)
      return row?.outcome ?? 'unknown'
    },
  }
}
