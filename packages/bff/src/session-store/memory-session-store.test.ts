import { createMemorySessionStore } from './memory-session-store.ts'
import { runSessionStoreContract } from './session-store-contract.ts'

runSessionStoreContract('memory session store', async () => createMemorySessionStore())
