import { afterEach, describe } from 'vitest'
import type { SessionStore } from './session-store.ts'
import { lifetimeContract } from './session-store-contract/lifetime.ts'
import { renewalContract } from './session-store-contract/renewal.ts'
import { resurrectionContract } from './session-store-contract/resurrection.ts'
import { revocationContract } from './session-store-contract/revocation.ts'

export * as sessionStoreRecords from './session-store-contract/records.ts'

/** Everything a BFF's `SessionStore` promises, as Vitest tests; `makeStore` opens an empty one, which the suite closes. */
export function runSessionStoreContract(name: string, makeStore: () => Promise<SessionStore>): void {
  describe(name, () => {
    const opened: SessionStore[] = []
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    async function open(): Promise<SessionStore> {
      const store = await makeStore()
      opened.push(store)
      return store
    }
    lifetimeContract(open)
    renewalContract(open)
    revocationContract(open)
    resurrectionContract(open)
  })
}
