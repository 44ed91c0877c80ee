import { constantTimeEqual, mac, sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import { cookieName, readCookies, setCookie } from './cookies.ts'

/** Whom an interaction is for; stays readable after it is over, to say where to start again. */
export type InteractionLabel = { readonly clientId: string } | { readonly pageName: string }

type Needed = Pick<Parts, 'issuer' | 'basePath' | 'formKey' | 'lifetimes'>

/** A browser keeps this many; with more, the oldest go, so that abandoned sign-ins never fill the request header. */
const most = 8
const prefix = 'latchkey_interaction_'

/**
 * Binds an interaction to the browser that began it: a link to it sent to someone else opens nothing.
 * @returns what to send as `Set-Cookie`
 */
export function bindInteraction(
  parts: Needed,
  request: Request,
  { handle, label }: { handle: string; label: InteractionLabel },
): readonly string[] {
  const text = Buffer.from(JSON.stringify(label)).toString('base64url')
  const value = `${text}.${proof(parts, handle, text)}`
  const own = [...readCookies(request).keys()].filter((name) => name.startsWith(cookieName(parts, prefix))).sort()
  const surplus = own.slice(0, Math.max(0, own.length + 1 - most))
  return [
    ...surplus.map((name) => setCookie(parts, { name, value: '', maxAge: 0 })),
    setCookie(parts, { name: nameOf(parts, handle), value, maxAge: parts.lifetimes.interaction }),
  ]
}

/** Whom the interaction is for, or null in any browser but the one that began it. */
export function readInteractionLabel(parts: Needed, request: Request, handle: string): InteractionLabel | null {
  const [text, given] = readCookies(request).get(nameOf(parts, handle))?.split('.') ?? []
  if (text === undefined || given === undefined) return null
  if (!constantTimeEqual(given, proof(parts, handle, text))) return null
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as InteractionLabel
}

/** A handle begins with its time, so that names sort by age. */
function nameOf(parts: Needed, handle: string): string {
  return cookieName(parts, `${prefix}${handle.slice(0, 11)}${sha256(handle).slice(0, 8)}`)
}

function proof(parts: Needed, handle: string, text: string): string {
  return mac(parts.formKey, `interaction ${handle} ${text}`)
}
