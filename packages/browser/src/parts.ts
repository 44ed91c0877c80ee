import type { ProviderConnection } from '@latchkey/client'
import type { LoginTransactions } from './login-transactions.ts'
import type { Platform } from './platform/platform.ts'
import type { SessionHolder } from './session-holder.ts'
import type { Settings } from './settings.ts'
import type { Tabs } from './tabs.ts'

/** What the steps of signing in, renewing and signing out work with; made once by `createAuth`. */
export interface Parts {
  readonly platform: Platform
  readonly settings: Settings
  readonly connection: ProviderConnection
  readonly holder: SessionHolder
  readonly tabs: Tabs
  readonly logins: LoginTransactions
}

/** The lock under which tabs find out, renew and change the session. */
export function sessionLock(settings: Settings): string {
  return `${settings.name}:session`
}
