import { type ClientMetadata, sectorOf } from '@latchkey/protocol'
import { deriveKey, openAlike, sealAlike } from '../crypto.ts'

type Knowing = Pick<ClientMetadata, 'client_id' | 'redirect_uris'> &
  Partial<Pick<ClientMetadata, 'subject_type' | 'sector_identifier_uri'>>

/** Under which `sub` a client knows a person. @spec OIDC Core §8 */
export interface Subjects {
  /** What stands in every token and answer that speaks to this client, or of its tokens. */
  of(client: Knowing, sub: string): string
  /** Whom a `sub` means that this client shows, or null when it is none that was given to its sector. */
  whom(client: Knowing, subject: string): string | null
}

export const subjectTypes = ['public', 'pairwise'] as const

/** @throws Error for a `sub` that fits into no ID token. @spec OIDC Core §2 */
export function checkSub(sub: string): void {
  if (!/^[\x20-\x7e]{1,255}$/.test(sub)) throw new Error('a sub must have 1 to 255 characters of ASCII')
}

const remembered = 10_000

/**
 * A pairwise `sub` is made from sector and person under a key that stays for the life of the store: the same for all
 * clients of a sector, unlike any of another sector, and opened by nobody else. @spec OIDC Core §8.1
 */
export function createSubjects(secret: string): Subjects {
  const key = deriveKey(secret, 'latchkey pairwise subjects')
  const made = new Map<string, string>()
  return {
    of(client, sub) {
      // A client that acts for itself is no person.
      if (client.subject_type !== 'pairwise' || sub === client.client_id) return sub
      const sector = sectorOf(client)
      const name = `${sector}\n${sub}`
      const known = made.get(name)
      if (known !== undefined) return known
      const subject = sealAlike(key, sub, sector)
      checkSub(subject)
      if (made.size >= remembered) made.clear()
      made.set(name, subject)
      return subject
    },
    whom(client, subject) {
      if (client.subject_type !== 'pairwise' || subject === client.client_id) return subject
      return openAlike(key, subject, sectorOf(client))
    },
  }
}
