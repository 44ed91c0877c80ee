export * from './account-store.ts'
export type { ConfiguredUser } from './configured-user.ts'
export * from './create-accounts.ts'
