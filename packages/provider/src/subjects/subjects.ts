import { type ClientMetadata, sectorOf } from '@latchkey/protocol'
import { deriveKey, openAlike, sealAlike, sha256 } from '../crypto.ts'

type Knowing = Pick<ClientMetadata, 'client_id' | 'redirect_uris'> &
  Partial<Pick<ClientMetadata, 'subject_type' | 'sector_identifier_uri'>>

/** What stands beside a `sub` in this provider's own tokens, where it is too short to tell who is meant. */
export interface SealedSub {
  readonly sub_sealed?: string
}

/** Under which `sub` a client knows a person. @spec OIDC Core §8 */
export interface Subjects {
  /** What stands in every token and answer that speaks to this client, or of its tokens. */
  of(client: Knowing, sub: string): string
  /** What a token carries besides, so that `whom` can be asked of it: nothing for all but very long subs. */
  beside(client: Knowing, sub: string): SealedSub
  /** Whether a `sub` may be one that this client was given: false for what was surely never, such as another sector's. */
  isOne(client: Knowing, subject: string): boolean
  /**
   * Whom a `sub` means that this client shows, or null when it is none that was given to its sector.
   * @param token where it was read, when that is a token of this provider
   */
  whom(
    client: Knowing,
    subject: string,
    token?: { readonly sub?: unknown; readonly sub_sealed?: unknown },
  ): string | null
}

export const subjectTypes = ['public', 'pairwise'] as const

const longestSub = 255

/** @throws Error for a `sub` that fits into no ID token. @spec OIDC Core §2 */
export function checkSub(sub: string): void {
  const fits = /^[\x20-\x7e]+$/.test(sub) && sub.length <= longestSub
  if (!fits) throw new Error(`a sub must have 1 to ${longestSub} characters of ASCII`)
}

const remembered = 10_000
/** SHA-256 in base64url: whose it is, nobody can tell from it. */
const hash = /^[\w-]{43}$/

/**
 * A pairwise `sub` is made from sector and person under a key that stays for the life of the store: the same for all
 * clients of a sector, unlike any of another sector, and opened by nobody else. Where it would be longer than a `sub` may
 * be, its hash stands for it, and tokens carry it besides. @spec OIDC Core §2, §8.1
 */
export function createSubjects(secret: string): Subjects {
  const key = deriveKey(secret, 'latchkey pairwise subjects')
  const made = new Map<string, string>()
  function sealed(client: Knowing, sub: string): string {
    const sector = sectorOf(client)
    const name = `${sector}\n${sub}`
    const known = made.get(name)
    if (known !== undefined) return known
    const text = sealAlike(key, sub, sector)
    if (made.size >= remembered) made.clear()
    made.set(name, text)
    return text
  }
  return {
    of(client, sub) {
      if (isKnownAs(client, sub)) return sub
      const text = sealed(client, sub)
      return text.length > longestSub ? sha256(text) : text
    },
    beside(client, sub) {
      const text = isKnownAs(client, sub) ? '' : sealed(client, sub)
      return text.length > longestSub ? { sub_sealed: text } : {}
    },
    isOne(client, subject) {
      return isKnownAs(client, subject) || hash.test(subject) || openAlike(key, subject, sectorOf(client)) !== null
    },
    whom(client, subject, token = {}) {
      if (isKnownAs(client, subject)) return subject
      const { sub_sealed: text } = token
      const isHash = typeof text === 'string' && sha256(text) === subject
      return openAlike(key, isHash ? text : subject, sectorOf(client))
    },
  }
}

/** By the `sub` as it is. A client that acts for itself is no person. */
function isKnownAs(client: Knowing, sub: string): boolean {
  return client.subject_type !== 'pairwise' || sub === client.client_id
}
