import { memoryReplayStore } from './replay-store.ts'
import { runReplayStoreContract } from './replay-store-contract.ts'

/** Two guards of one process share the one store. */
runReplayStoreContract('replays in memory', async () => {
  const store = memoryReplayStore()
  return [store, store]
})
