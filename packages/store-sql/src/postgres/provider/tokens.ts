import type { CodeStore, FamilyStore, RefreshTokenStore, Rotation } from '@latchkey/provider'
import { codeOf } from '../../provider/codes.ts'
import { beginningOf, familyOfRow, livingHolders } from '../../provider/families.ts'
import { logoutTriedForSeconds } from '../../provider/logout-deliveries.ts'
import { refreshTokenOf } from '../../provider/refresh-tokens.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import { issuedCount, issuedValues, places } from './issued-values.ts'
import type { Told } from './revocations.ts'

export function postgresCodes(db: PostgresDatabase, told: Told): CodeStore {
  type Row = Pick<Schema['codes'], 'consumed_at' | 'expires_at' | 'data'>
  type Redemption = Awaited<ReturnType<CodeStore['redeem']>>
  const redeem = `select latchkey_redeem_code($1, $2, ${places(3, issuedCount)}) as outcome`
  return {
    async create(record) {
      const { familyId, clientId, sid } = record.grounds
      await db.write(
        `insert into codes (hash, family_id, client_id, sid, consumed_at, expires_at, data)
         values ($1, $2, $3, $4, null, $5, $6)`,
        [record.hash, familyId, clientId, sid, record.expiresAt, JSON.stringify(record)],
      )
    },
    async find(hash) {
      const [row] = await db.read<Row>('select consumed_at, expires_at, data from codes where hash = $1', [hash])
      return row === undefined ? null : { ...codeOf(row), consumedAt: row.consumed_at }
    },
    async redeem(hash, issued, now) {
      const written = db.write<{ readonly outcome: Redemption }>(redeem, [hash, now, ...issuedValues(issued, now)])
      const [row] = await told(written, (rows) => rows[0]?.outcome === 'reused')
      return row?.outcome ?? 'unknown'
    },
  }
}

export function postgresRefreshTokens(db: PostgresDatabase, told: Told): RefreshTokenStore {
  type Row = Schema['refresh_tokens']
  interface RotationRow {
    readonly outcome: Rotation['outcome']
    readonly sealed: string | null
    readonly family: string | null
  }
  const rotate = `select * from latchkey_rotate($1, $2, $3, $4, $5, ${places(6, issuedCount)})`
  const extend = `select latchkey_extend($1, $2, $3, ${places(4, issuedCount)}) as outcome`
  return {
    async find(hash) {
      const [row] = await db.read<Row>('select * from refresh_tokens where hash = $1', [hash])
      return row === undefined ? null : { ...refreshTokenOf(row), rotatedAt: row.rotated_at }
    },
    async rotate(hash, { issued, sealedSuccessor }, { now, graceSeconds }) {
      const replayEnd = Math.max(issued.accessToken?.expiresAt ?? now, now)
      const values = [hash, now, graceSeconds, sealedSuccessor, replayEnd, ...issuedValues(issued, now)]
      const written = db.write<RotationRow>(rotate, values)
      const [row] = await told(written, (rows) => rows[0]?.outcome === 'reused')
      return rotationOf(row)
    },
    async extend(hash, { issued, expiresAt }, now) {
      const { accessToken, status } = issued
      const brought = issuedValues({ family: null, accessToken, refreshToken: null, status }, now)
      const [row] = await db.write<{ readonly outcome: 'extended' | 'unknown' }>(extend, [
        hash,
        now,
        expiresAt,
        ...brought,
      ])
      return row?.outcome ?? 'unknown'
    },
  }
  function rotationOf(row: RotationRow | undefined): Rotation {
    if (row?.outcome === 'replayed') return { outcome: 'replayed', sealedSuccessor: row.sealed ?? '' }
    if (row?.outcome === 'reused') return { outcome: 'reused', familyId: row.family ?? '' }
    return { outcome: row?.outcome ?? 'unknown' } as Rotation
  }
}

export function postgresFamilies(db: PostgresDatabase, told: Told): FamilyStore {
  const holders = livingHolders('$1', '$2')
  const begin = `select latchkey_begin(${places(1, issuedCount)}) as begun`
  return {
    async find(familyId) {
      const [row] = await db.read<Schema['families']>('select * from families where family_id = $1', [familyId])
      return row === undefined ? null : familyOfRow(row)
    },
    async revoke(familyId, now, expiresAt) {
      const end = "select latchkey_end_family($1, '', '', null, $2, $3) as was_alive"
      const values = [familyId, now, expiresAt]
      const written = db.act(
        end,
        values,
        ([row]: readonly { readonly was_alive: boolean }[]) => row?.was_alive ?? false,
      )
      return told(written, () => true)
    },
    async begin(issued, now) {
      beginningOf(issued)
      const [row] = await db.write<{ readonly begun: boolean }>(begin, issuedValues(issued, now))
      return row?.begun ?? false
    },
    async holders(sub, now) {
      const rows = await db.read<{ readonly client_id: string; readonly since: number }>(holders, [sub, now])
      return rows.map(({ client_id: clientId, since }) => ({ clientId, since }))
    },
    async revokeSession({ sid, sub }, now) {
      const end = 'select family_id from latchkey_end_session($1, $2, $3, $4) as family_id'
      const written = db.act(
        end,
        [sid, sub, now, now + logoutTriedForSeconds],
        (rows: readonly Pick<Schema['families'], 'family_id'>[]) => rows.map((row) => row.family_id),
      )
      return told(written, (ended) => ended.length > 0)
    },
    async revokeSubject(sub, now, expiresAt) {
      const end = 'select sid from latchkey_end_subject($1, $2, $3, $4) as sid'
      const values = [sub, now, expiresAt, now + logoutTriedForSeconds]
      const written = db.act(end, values, (rows: readonly { readonly sid: string }[]) => rows.map((row) => row.sid))
      return told(written, () => true)
    },
    forgetSubject: (sub) => db.act(forgetSubject, [sub], () => {}),
  }
}

const forgetSubject = `with theirs as (select family_id from families where sub = $1),
  refresh as (delete from refresh_tokens where family_id in (select family_id from theirs)),
  access as (delete from access_tokens where family_id in (select family_id from theirs)),
  used as (delete from codes where data::json->'grounds'->>'sub' = $1)
  delete from consents where sub = $1`
