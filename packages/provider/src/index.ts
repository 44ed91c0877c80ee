export type * from './accounts.ts'
export * from './config.ts'
export type * from './events.ts'
export type * from './store/store.ts'
