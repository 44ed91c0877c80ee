export type * from './auth.ts'
export type * from './auth-state.ts'
