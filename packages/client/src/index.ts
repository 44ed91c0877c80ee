export type { TokenHost } from './token-host.ts'
export type { TokenSet } from './token-set.ts'
