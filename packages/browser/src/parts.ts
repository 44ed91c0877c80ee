import type { ProviderConnection } from '@latchkey/client'
import type { AuthConfig } from './auth-config.ts'
import type { SignInWay } from './auth-event.ts'
import type { AuthEvents } from './auth-events.ts'
import type { AuthPart, TokenRequests } from './auth-part.ts'
import type { LoginTransactions } from './login-transactions.ts'
import type { Platform } from './platform/platform.ts'
import type { EndReason, Session } from './session.ts'
import type { SessionHolder } from './session-holder.ts'
import type { Settings } from './settings.ts'
import type { Tabs } from './tabs.ts'

/** What the steps of signing in, renewing and signing out work with, the platform among it; made once by `createAuth`. */
export interface Parts extends Platform, AuthEvents {
  readonly settings: Settings
  readonly connection: ProviderConnection
  readonly requests: TokenRequests
  readonly holder: SessionHolder
  /** With the storage, where a part keeps the session. */
  readonly tabs: Tabs
  readonly logins: LoginTransactions
  /** What the application brought: see `AuthPart`. */
  readonly silent: AuthPart['silent']
}

/** What the first part that has this brings. */
export function partOf<K extends keyof AuthPart>(
  { parts = [] }: Pick<AuthConfig, 'parts'>,
  member: K,
): AuthPart[K] | undefined {
  return parts.find((part) => part[member])?.[member]
}

/** The sentence for what the core does not carry itself. */
export function needsPart(what: string, part: string): string {
  return `${what} needs a part: add ${part} to parts`
}

type Held = Pick<Parts, 'holder' | 'tabs'>

/** The session as it is now, for whoever shares it; false where it is over or something newer is there. */
export async function takeSession({ holder, tabs }: Held, session: Session, by?: SignInWay): Promise<boolean> {
  const taken = holder.adopt(session, by)
  if (taken) await tabs.tell()
  return taken
}

/** The session is over, here and for whoever shares it. */
export async function endSession({ holder, tabs }: Held, session: Session | null, reason: EndReason): Promise<void> {
  if (session) holder.end(session.family, reason)
  if (reason === 'signed-out') tabs.signedOut()
  await tabs.tell()
}
