import { runAccountStoreContract } from './account-store-contract.ts'
import { createMemoryAccountStore } from './memory-account-store.ts'

runAccountStoreContract('memory account store', async () => createMemoryAccountStore())
