import type { AccessTokenStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { IssuedSteps, TokenData } from './issued.ts'
import type { RevocationSteps } from './revocations.ts'

export function sqliteAccessTokens(
  db: SqliteDatabase,
  { families, issuing, revocations }: { families: FamilySteps; issuing: IssuedSteps; revocations: RevocationSteps },
): AccessTokenStore {
  const find = db.prepareList<readonly [expiresAt: number, data: string]>(
    `select access_tokens.expires_at, data from access_tokens
     left join families on families.family_id = access_tokens.family_id
     where hash = ? and access_tokens.expires_at > ? and revoked_at is null`,
  )
  const remove = db.prepare<Pick<Schema['access_tokens'], 'family_id'>>(
    'delete from access_tokens where hash = ? returning family_id',
  )
  const revokeJwt = db.prepare(
    `insert into revoked_jwts (jti, expires_at) values (?, ?)
     on conflict (jti) do update set expires_at = excluded.expires_at where expires_at < excluded.expires_at`,
  )
  const revokedJwt = db.prepare('select 1 from revoked_jwts where jti = ?')
  return {
    create: (record) => db.write(() => issuing.insertAccessToken(record, record.grounds.clientId)),
    find: (hash, now) =>
      db.read(() => {
        const row = find.get(hash, now)
        if (row === undefined) return null
        const [expiresAt, data] = row
        const { grounds, createdAt } = JSON.parse(data) as TokenData
        return { hash, grounds, createdAt, expiresAt }
      }),
    revoke: (hash) =>
      db.write(() => {
        const row = remove.get(hash)
        return row !== undefined && !families.isEnded(row.family_id)
      }),
    revokeJwt: (jti, expiresAt, now) =>
      revocations.told(
        db.write(() => {
          if (revokeJwt.run(jti, expiresAt).changes === 0) return
          revocations.append({ kind: 'token', id: jti, at: now, expiresAt })
        }),
      ),
    isJwtRevoked: (jti, familyId) => db.read(() => revokedJwt.get(jti) !== undefined || families.isEnded(familyId)),
  }
}
