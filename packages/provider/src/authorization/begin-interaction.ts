import { newHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import { seeOther } from './cookies.ts'
import { bindInteraction, type InteractionLabel } from './interaction-cookie.ts'

export const interactionPath = '/interaction'

export interface Begun {
  /** The wire text of what counts of the authorization request, or null for a sign-in to the provider's own pages. */
  readonly request: string | null
  /** A local path, for the provider's own pages. */
  readonly returnTo: string | null
  readonly label: InteractionLabel
}

/** Keeps what a person is needed for, and sends the browser to the page that asks them. */
export async function beginInteraction(parts: Parts, request: Request, begun: Begun): Promise<Response> {
  const { handle, hash } = newHandle(parts.runtime)
  const now = Math.floor(parts.runtime.now())
  await parts.store.interactions.create({
    hash,
    request: begun.request,
    returnTo: begun.returnTo,
    sessionHash: null,
    createdAt: now,
    expiresAt: now + parts.lifetimes.interaction,
  })
  return seeOther(
    `${parts.basePath}${interactionPath}/${handle}`,
    bindInteraction(parts, request, { handle, label: begun.label }),
  )
}
