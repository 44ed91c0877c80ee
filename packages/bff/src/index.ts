export type * from './session-store/session-store.ts'
