import type { ConsentStore, Withdrawal } from '@latchkey/provider'
import { consentOf, mostAllowedDetails } from '../../provider/consents.ts'
import { logoutTriedForSeconds } from '../../provider/logout-deliveries.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import type { Told } from './revocations.ts'

type Row = Schema['consents']

const columns = 'sub, client_id, permissions, granted_at, details'

const grant = `insert into consents (${columns}) values ($1, $2, $3, $4, $5)
  on conflict (sub, client_id) do update set
    permissions = (
      select json_agg(permission)::text from (
        select json_array_elements_text(consents.permissions::json)
        union select json_array_elements_text(excluded.permissions::json)) as allowed (permission)),
    details = (
      select json_agg(detail order by place)::text from (
        select detail, place from (
          select * from json_array_elements(consents.details::json) with ordinality
          union all
          select detail, place + ${mostAllowedDetails} from json_array_elements(excluded.details::json)
            with ordinality as added (detail, place)) as every (detail, place)
        order by place desc limit ${mostAllowedDetails}) as newest)`

type Withdrawn = { readonly had_consent: boolean; readonly ended: Withdrawal['ended'] }

function withdrawalOf([row]: readonly Withdrawn[]): Withdrawal {
  return { hadConsent: row?.had_consent ?? false, ended: row?.ended ?? [] }
}

export function postgresConsents(db: PostgresDatabase, told: Told): ConsentStore {
  return {
    async find(sub, clientId) {
      const sql = 'select permissions from consents where sub = $1 and client_id = $2'
      const [row] = await db.read<Pick<Row, 'permissions'>>(sql, [sub, clientId])
      return row === undefined ? [] : (JSON.parse(row.permissions) as readonly string[])
    },
    async list(sub) {
      const sql = `select ${columns} from consents where sub = $1 order by client_id`
      return (await db.read<Row>(sql, [sub])).map(consentOf)
    },
    async grant(sub, clientId, { permissions, details = [] }, now) {
      const added = details.map((detail) => ({ detail, at: Math.floor(now) })).slice(-mostAllowedDetails)
      const allowed = JSON.stringify([...new Set(permissions)])
      const values = [sub, clientId, allowed, now, added.length === 0 ? null : JSON.stringify(added)]
      await db.act(grant, values, () => {})
    },
    async withdraw(sub, clientId, now) {
      const withdraw = 'select * from latchkey_withdraw($1, $2, $3, $4)'
      const written = db.act(withdraw, [sub, clientId, now, now + logoutTriedForSeconds], withdrawalOf)
      return told(written, ({ ended }) => ended.length > 0)
    },
  }
}
