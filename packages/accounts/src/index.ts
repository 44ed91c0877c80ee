export * from './account-store.ts'
