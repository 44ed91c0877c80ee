import { createMemoryStore } from './memory-store.ts'
import { runSharedStoreContract, runStoreContract } from './store-contract.ts'

runStoreContract('memory store', async () => createMemoryStore())
runSharedStoreContract('memory store', async () => {
  const store = createMemoryStore()
  return [store, store]
})
