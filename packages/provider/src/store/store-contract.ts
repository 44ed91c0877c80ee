import { afterEach, describe } from 'vitest'
import { accessTokensContract } from './contract/access-tokens.ts'
import { browserStateContract } from './contract/browser-state.ts'
import { clientsContract } from './contract/clients.ts'
import { codesContract } from './contract/codes.ts'
import { familiesContract } from './contract/families.ts'
import { keysAndSweepContract } from './contract/keys-and-sweep.ts'
import { refreshTokensContract } from './contract/refresh-tokens.ts'
import type { Store } from './store.ts'

export * as storeRecords from './contract/records.ts'
export { runSharedStoreContract } from './contract/two-nodes.ts'

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
  })
}
