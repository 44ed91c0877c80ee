import { OAuthError } from '@latchkey/protocol'
import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'

const { codeRecord, grounds, issuedFor, now } = storeRecords

describe.skipIf(whyNoPostgres !== null)(`PostgreSQL${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  test('a database that falls and comes back keeps what was acknowledged, and callers see a refusal at worst', {
    timeout: 60_000,
  }, async () => {
    const store = createPostgresStore(openPostgres(await cluster.schema(), { retrySeconds: 20 }))
    const acknowledged: ReturnType<typeof issuedFor>[] = []
    let refused = 0
    let isOver = false
    async function work(): Promise<void> {
      while (!isOver) {
        const of = grounds()
        const code = codeRecord(of)
        const issued = issuedFor(of)
        try {
          await store.codes.create(code)
          if ((await store.codes.redeem(code.hash, issued, now)) === 'redeemed') acknowledged.push(issued)
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError)
          expect(error).toMatchObject({ code: 'temporarily_unavailable' })
          refused++
        }
      }
    }
    const working = Promise.all(Array.from({ length: 8 }, work))
    let before = 0
    for (let fall = 0; fall < 3; fall++) {
      while (acknowledged.length < before + 100) await new Promise(setImmediate)
      await cluster.crash()
      before = acknowledged.length
    }
    while (acknowledged.length < before + 100) await new Promise(setImmediate)
    isOver = true
    await working
    for (const { refreshToken, accessToken } of acknowledged) {
      expect(await store.refreshTokens.find(refreshToken.hash)).not.toBeNull()
      expect(await store.accessTokens.find(accessToken.hash, now)).toEqual(accessToken)
    }
    expect(refused).toBeLessThan(acknowledged.length)
    await store.close()
  })
})
