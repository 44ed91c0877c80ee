import { type IdTokenClaims, ProtocolError, type Runtime } from '@latchkey/protocol'

/** Who the BFF says is signed in. */
export interface BffUser {
  readonly claims: IdTokenClaims
  readonly logoutUrl: string
  /** Seconds until the session ends unless it is used. */
  readonly expiresInSeconds: number
}

export interface BffPlace {
  /** Such as `/bff`. */
  readonly basePath: string
  /** Name and value that only a script of this origin can send. */
  readonly header: Readonly<Record<string, string>>
}

/**
 * Null when nobody is signed in. Watching (`slide: false`) does not keep the session alive.
 * @throws ProtocolError `unreachable` (retryable) when the BFF cannot be reached; `response_invalid`.
 */
export async function askForUser(
  runtime: Pick<Runtime, 'fetch'>,
  { basePath, header }: BffPlace,
  { slide }: { readonly slide: boolean },
): Promise<BffUser | null> {
  const failure = 'the BFF could not say who is signed in'
  const url = `${basePath}/user?format=object${slide ? '' : '&slide=false'}`
  const response = await runtime.fetch(url, { headers: header, cache: 'no-store' }).catch((cause: unknown) => {
    throw new ProtocolError('unreachable', `${failure}: it could not be reached`, { retryable: true, cause })
  })
  if (response.status === 401) return null
  if (response.status >= 500 || response.status === 429) {
    throw new ProtocolError('unreachable', `${failure}: it answered ${response.status}`, { retryable: true })
  }
  const answer: unknown = response.ok ? await response.json().catch(() => undefined) : undefined
  if (answer === null) return null
  if (typeof answer !== 'object') {
    throw new ProtocolError('response_invalid', `${failure}: it answered ${response.status}; is basePath right?`)
  }
  const {
    'bff:logout_url': logoutUrl,
    'bff:session_expires_in': expiresIn,
    ...claims
  } = answer as Record<string, unknown>
  return {
    claims: claims as unknown as IdTokenClaims,
    logoutUrl: typeof logoutUrl === 'string' ? logoutUrl : `${basePath}/logout`,
    expiresInSeconds: typeof expiresIn === 'number' ? expiresIn : 0,
  }
}
