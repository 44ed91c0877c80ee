import { afterEach, describe } from 'vitest'
import type { Store } from './store.ts'
import { accessTokensContract } from './store-contract/access-tokens.ts'
import { auditContract } from './store-contract/audit.ts'
import { browserStateContract } from './store-contract/browser-state.ts'
import { clientsContract } from './store-contract/clients.ts'
import { codesContract } from './store-contract/codes.ts'
import { errandsContract } from './store-contract/errands.ts'
import { familiesContract } from './store-contract/families.ts'
import { keysAndSweepContract } from './store-contract/keys-and-sweep.ts'
import { logoutsContract } from './store-contract/logouts.ts'
import { ownPageContract } from './store-contract/own-page.ts'
import { pendingGrantsContract } from './store-contract/pending-grants.ts'
import { refreshTokensContract } from './store-contract/refresh-tokens.ts'
import { revocationsContract } from './store-contract/revocations.ts'
import { statusListsContract } from './store-contract/status-lists.ts'

export * as storeRecords from './store-contract/records.ts'
export { runSharedStoreContract } from './store-contract/two-nodes.ts'

/** Everything a provider's `Store` promises, as Vitest tests; `makeStore` opens an empty one, which the suite closes. */
export function runStoreContract(name: string, makeStore: () => Promise<Store>): void {
  describe(name, () => {
    const opened: Store[] = []
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    async function open(): Promise<Store> {
      const store = await makeStore()
      opened.push(store)
      return store
    }
    codesContract(open)
    refreshTokensContract(open)
    familiesContract(open)
    accessTokensContract(open)
    clientsContract(open)
    browserStateContract(open)
    keysAndSweepContract(open)
    pendingGrantsContract(open)
    errandsContract(open)
    logoutsContract(open)
    revocationsContract(open)
    statusListsContract(open)
    auditContract(open)
    ownPageContract(open)
  })
}
