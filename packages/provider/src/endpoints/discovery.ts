import type { SigningAlg } from '@latchkey/protocol'
import type { Endpoint } from '../http/endpoint.ts'
import { fixedJson } from '../http/responses.ts'
import type { Parts } from '../parts.ts'

type Described = Pick<Parts, 'metadata' | 'basePath' | 'issuer' | 'keys' | 'profile' | 'runtime'>

/** The provider's metadata, at each address where a client may look for it. @spec OIDC Discovery §4; RFC 8414 §3.1 */
export function discoveryEndpoints(parts: Described): readonly Endpoint[] {
  const document = signedMetadata(parts)
  const at = (path: string, atRoot: boolean): Endpoint => ({
    path,
    atRoot,
    methods: ['GET'],
    cors: 'public',
    audience: 'machine',
    handle: (asked) => fixedJson(asked, document(), 300),
  })
  const openid = '/.well-known/openid-configuration'
  const oauth = '/.well-known/oauth-authorization-server'
  const below = [at(openid, false), at(oauth, false)]
  // For an issuer with a path, RFC 8414 puts the well-known part before it; many clients look for both documents there.
  return parts.basePath === '' ? below : [...below, at(openid + parts.basePath, true), at(oauth + parts.basePath, true)]
}

/** Signed anew after so many seconds, and whenever the published keys change. */
const signedSeconds = 3600
const signedMetadataType = 'metadata+jwt'

/** What signs the metadata: its key has to be there before anyone asks. */
export function metadataAlg({ algs }: Parts['profile']): SigningAlg {
  return algs?.[0] ?? 'RS256'
}

interface Made {
  readonly of: object
  readonly jwks: object
  readonly at: number
  readonly document: Uint8Array<ArrayBuffer>
}

/** The metadata as JSON, with the same once more as a signed JWT: ten kilobytes, encoded once. @spec RFC 8414 §2.1 */
function signedMetadata({ metadata, issuer, keys, profile, runtime }: Described): () => Uint8Array<ArrayBuffer> {
  let made: Made | undefined
  return () => {
    const [of, jwks, now] = [metadata(), keys.jwks(), runtime.now()]
    if (made === undefined || made.of !== of || made.jwks !== jwks || now >= made.at + signedSeconds) {
      const claims = { ...of, iss: issuer, iat: Math.floor(now) }
      const signed = keys.sign(metadataAlg(profile), claims, { typ: signedMetadataType })
      const text = JSON.stringify({ ...of, signed_metadata: signed })
      made = { of, jwks, at: now, document: new TextEncoder().encode(text) }
    }
    return made.document
  }
}
