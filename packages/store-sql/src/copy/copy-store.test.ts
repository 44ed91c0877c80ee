import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyStore, createPostgresStore, createSqliteStore, openPostgres, openSqlite } from '../index.ts'
import { type Cluster, once, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { temporaryFiles } from '../trials/temporary-files.ts'

const { codeRecord, grounds, issuedFor, now } = storeRecords
const files = temporaryFiles()

/** So many codes, each redeemed, that every table of tokens takes more than one page. */
const people = 1200

async function filled() {
  const file = files.next()
  const store = createSqliteStore(openSqlite(file))
  const all = Array.from({ length: people }, () => {
    const of = grounds()
    return { code: codeRecord(of), issued: issuedFor(of), familyId: of.familyId }
  })
  await Promise.all(all.map(({ code }) => store.codes.create(code)))
  await Promise.all(all.map(({ code, issued }) => store.codes.redeem(code.hash, issued, now)))
  await store.consents.grant('al\0ice ü 😀', 'web', { permissions: ['openid', 'e"mail'] }, now)
  await store.families.revoke(all[1]?.familyId ?? '', now, now + 3600)
  await store.families.revoke(all[2]?.familyId ?? '', now, now + 10)
  return { file, store, all }
}

describe.skipIf(whyNoPostgres !== null)(`PostgreSQL${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(async () => {
    await cluster.stop()
    files.remove()
  })

  test('a store that was copied to PostgreSQL is the same: codes stay consumed, tokens valid or ended, revocations numbered on', {
    timeout: 60_000,
  }, async () => {
    const { file, store, all } = await filled()
    const before = await store.revocations.after(0, 1000)
    const last = before.at(-1)?.sequence ?? 0
    expect(before.length).toBeGreaterThan(1)
    // Its row has gone, its number has not: a guard that read up to it must not miss the next.
    await store.sweep(now + 11, 100)
    const kept = await store.revocations.after(0, 1000)
    await store.close()
    const to = await cluster.schema()
    const tables = await copyStore({ from: file, to })
    expect(tables.find(({ table }) => table === 'refresh_tokens')?.rows).toBe(people)
    const copy = createPostgresStore(openPostgres(to))
    const [first, ended] = all
    if (first === undefined || ended === undefined) throw new Error('nothing was written')
    expect(await copy.revocations.after(0, 1000)).toEqual(kept)
    expect(await copy.accessTokens.find(first.issued.accessToken.hash, now)).toEqual(first.issued.accessToken)
    expect(await copy.accessTokens.find(ended.issued.accessToken.hash, now)).toBeNull()
    expect(await copy.consents.find('al\0ice ü 😀', 'web')).toEqual(['openid', 'e"mail'])
    const successor = { issued: { ...issuedFor(first.code.grounds), family: null }, sealedSuccessor: 'sealed' }
    const at = { now, graceSeconds: 30 }
    expect(await copy.refreshTokens.rotate(first.issued.refreshToken.hash, successor, at)).toEqual({
      outcome: 'rotated',
    })
    const third = all[3]
    expect(await copy.codes.redeem(third?.code.hash ?? first.code.hash, issuedFor(grounds()), now)).toBe('reused')
    expect((await copy.revocations.after(last, 10)).map(({ sequence }) => sequence)).toEqual([last + 1])
    await copy.close()
    await expect(copyStore({ from: file, to })).rejects.toThrow(/already holds rows/)
  })

  test('a copy that was broken off goes on where it was; until it is done no server starts there', {
    timeout: 60_000,
  }, async () => {
    const { file, store } = await filled()
    await store.close()
    const to = await cluster.schema()
    const stopped = copyStore({
      from: file,
      to,
      onProgress: ({ table }) => {
        if (table === 'families') throw new Error('the cable was pulled')
      },
    })
    await expect(stopped).rejects.toThrow('the cable was pulled')
    const server = openPostgres(to)
    await expect(server.ready()).rejects.toThrow(/a copy into it was begun and is not done/)
    await server.close()
    const copied: string[] = []
    const tables = await copyStore({
      from: file,
      to,
      onProgress: ({ step, table, rows }) => void (step === 'copied' && copied.push(`${table} ${rows}`)),
    })
    expect(copied).not.toContain('codes 1000')
    expect(copied).toContain(`families ${people}`)
    expect(tables.find(({ table }) => table === 'families')?.rows).toBe(people)
    const database = openPostgres(to)
    await database.ready()
    await database.close()
  })

  test('a row that changed after it was copied is found by its checksum, and a server on the old file waits', {
    timeout: 60_000,
  }, async () => {
    const { file, store } = await filled()
    const to = await cluster.schema()
    let refused: Promise<unknown> | undefined
    const meddled = copyStore({
      from: file,
      to,
      onProgress: ({ step, table }) => {
        refused ??= store.consents.grant('bob', 'web', { permissions: ['openid'] }, now)
        if (step === 'copied' && table === 'signing_keys') throw new Error('not here')
      },
    })
    await meddled
    await refused
    expect(await store.consents.find('bob', 'web')).toEqual(['openid'])
    await store.close()
    const other = await cluster.schema()
    let isBroken = false
    const broken = copyStore({
      from: file,
      to: other,
      onProgress: ({ table, step }) => {
        if (step === 'copied' && table === 'refresh_tokens') {
          isBroken = true
          throw new Error('stop')
        }
      },
    })
    await expect(broken).rejects.toThrow('stop')
    expect(isBroken).toBe(true)
    await once(other, "update consents set permissions = '[]' where sub = 'bob'")
    await expect(copyStore({ from: file, to: other })).rejects.toThrow(/table "consents" differs/)
  })
})
