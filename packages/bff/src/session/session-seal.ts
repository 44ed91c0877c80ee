import { ProtocolError, type Runtime } from '@latchkey/protocol'
import { deriveKey, mac, open, seal, sha256 } from '../crypto.ts'
import type { HeldTokens } from './held-tokens.ts'
import type { SessionCookie } from './session-cookie.ts'

/** A server key and the short name that sealed rows carry, so that a changed key is told from a damaged row. */
export interface SessionKey {
  readonly bytes: Uint8Array
  readonly id: string
}

/** Opens and seals the tokens of one session; made of a server key and the half that only its browser holds. */
export interface SessionSeal {
  seal(tokens: HeldTokens): string
  /**
   * @throws ProtocolError `session_unreadable`; retryable when the row was sealed under a server key that is not
   * configured here, because then a repaired configuration brings the session back.
   */
  open(sealed: string): HeldTokens
  /** Unguessable without the cookie; proves that a sign-out link was made for this very session. */
  readonly logoutId: string
}

export function sessionKeyOf(bytes: Uint8Array): SessionKey {
  return { bytes, id: sha256(deriveKey(bytes, 'latchkey bff session key id v1')).slice(0, 8) }
}

/** The first key seals; the others only open what was sealed before it came. */
export function createSessionSeal(options: {
  readonly keys: readonly [SessionKey, ...SessionKey[]]
  readonly cookie: SessionCookie
  readonly runtime: Pick<Runtime, 'randomBytes'>
}): SessionSeal {
  const { keys, cookie, runtime } = options
  const derived = new Map<string, Buffer>()
  /** A session is read with every request and written with every renewal: the same text opens to the same tokens. */
  let last: { readonly sealed: string; readonly held: HeldTokens } | null = null
  const rowKey = (key: SessionKey): Buffer => {
    const known = derived.get(key.id)
    if (known !== undefined) return known
    const fresh = deriveKey(Buffer.concat([key.bytes, Buffer.from(cookie.halfKey)]), 'latchkey bff session tokens v2')
    derived.set(key.id, fresh)
    return fresh
  }
  return {
    seal: (tokens) =>
      `${keys[0].id}.${seal(rowKey(keys[0]), JSON.stringify(tokens), { context: cookie.hash, runtime })}`,
    open(sealed) {
      if (last?.sealed === sealed) return last.held
      const dot = sealed.indexOf('.')
      const key = keys.find((candidate) => candidate.id === sealed.slice(0, dot))
      if (key === undefined) {
        throw new ProtocolError(
          'session_unreadable',
          'the session was sealed under a key that is not configured here',
          {
            retryable: true,
            retryAfterSeconds: 60,
          },
        )
      }
      const text = open(rowKey(key), sealed.slice(dot + 1), cookie.hash)
      if (text === null) throw new ProtocolError('session_unreadable', 'the session cannot be opened: sign in again')
      const held = JSON.parse(text) as HeldTokens
      last = { sealed, held }
      return held
    },
    // The logout id comes from the cookie alone: an unreadable session can still be left.
    logoutId: mac(deriveKey(Buffer.from(cookie.halfKey), 'latchkey bff logout v1'), cookie.hash),
  }
}
