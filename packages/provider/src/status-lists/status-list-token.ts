import { createRecentlyUsed, encodeBase64url, type StatusListClaims, statusListType } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import type { StatusListSettings } from './status-lists.ts'

/** Status list tokens, made anew at most once a second for each list. */
export interface StatusListTokens {
  /** The signed list, or null when there is none (any more). @spec Token Status List §5.1 */
  token(listId: string): Promise<string | null>
}

interface Made {
  readonly at: number
  readonly token: Promise<string | null>
}

/** How old an answer may be. */
const freshSeconds = 1
const keptLists = 1000

type TokenParts = Pick<Parts, 'issuer' | 'store' | 'keys' | 'runtime'>

export function createStatusListTokens(
  { issuer, store, keys, runtime }: TokenParts,
  { ttl, lifetime, address, aggregation }: StatusListSettings,
): StatusListTokens {
  const made = createRecentlyUsed<Made>(keptLists)

  async function make(listId: string, now: number): Promise<string | null> {
    const found = await store.statusLists.read(listId, now)
    if (found === null) return null
    const bytes = new Uint8Array(found.list.size / 8)
    // @spec Token Status List §4.1: the lowest bit of a byte comes first
    for (const index of found.revoked) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
    const claims: StatusListClaims & { readonly iss: string } = {
      iss: issuer,
      sub: address(listId),
      iat: now,
      exp: now + lifetime,
      ttl,
      status_list: { bits: 1, lst: encodeBase64url(await deflate(bytes)), aggregation_uri: aggregation },
    }
    return keys.sign('ES256', claims, { typ: statusListType })
  }

  return {
    token(listId) {
      const now = Math.floor(runtime.now())
      const known = made.get(listId)
      if (known !== undefined && now < known.at + freshSeconds) return known.token
      const token = make(listId, now)
      made.set(listId, { at: now, token })
      // What is not there, or could not be read, is asked for again.
      const forget = () => void (made.get(listId)?.token === token && made.delete(listId))
      token.then((text) => text === null && forget(), forget)
      return token
    },
  }
}

/** In the ZLIB format. @spec Token Status List §4.1; RFC 1950 */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
