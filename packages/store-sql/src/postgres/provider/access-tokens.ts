import type { AccessTokenStore } from '@latchkey/provider'
import type { TokenData } from '../../provider/issued.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import { dataOf } from './issued-values.ts'
import type { Told } from './revocations.ts'

export function postgresAccessTokens(db: PostgresDatabase, told: Told): AccessTokenStore {
  type Row = Pick<Schema['access_tokens'], 'expires_at' | 'data'>
  return {
    async create(record) {
      const { familyId, clientId } = record.grounds
      await db.write(
        'insert into access_tokens (hash, family_id, lone_client_id, expires_at, data) values ($1, $2, $3, $4, $5)',
        [record.hash, familyId, clientId, record.expiresAt, dataOf(record)],
      )
    },
    async find(hash, now) {
      const [row] = await db.read<Row>(
        `select access_tokens.expires_at, data from access_tokens
         left join families on families.family_id = access_tokens.family_id
         where hash = $1 and access_tokens.expires_at > $2 and revoked_at is null`,
        [hash, now],
      )
      if (row === undefined) return null
      const { grounds, createdAt } = JSON.parse(row.data) as TokenData
      return { hash, grounds, createdAt, expiresAt: row.expires_at }
    },
    async revoke(hash) {
      return db.act(
        `with gone as (delete from access_tokens where hash = $1 returning family_id)
         select revoked_at is null as was_alive from gone left join families using (family_id)`,
        [hash],
        ([row]: readonly { readonly was_alive: boolean }[]) => row?.was_alive ?? false,
      )
    },
    async revokeJwt(jti, expiresAt, now) {
      const written = db.act(
        `with kept as (
           insert into revoked_jwts (jti, expires_at) values ($1, $2)
           on conflict (jti) do update set expires_at = excluded.expires_at
             where revoked_jwts.expires_at < excluded.expires_at
           returning jti, expires_at)
         insert into revocation_inbox (kind, id, at, expires_at) select 'token', jti, $3, expires_at from kept
         returning 1`,
        [jti, expiresAt, now],
        (appended) => appended.length > 0,
      )
      await told(written, (isNew) => isNew)
    },
    async isJwtRevoked(jti, familyId) {
      const [row] = await db.read<{ readonly revoked: boolean }>(
        `select exists (select 1 from revoked_jwts where jti = $1)
           or exists (select 1 from families where family_id = $2 and revoked_at is not null) as revoked`,
        [jti, familyId],
      )
      return row?.revoked ?? false
    },
  }
}
