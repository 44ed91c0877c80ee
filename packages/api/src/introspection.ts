import { clientProof } from '@latchkey/client'
import { createRecentlyUsed, OAuthError, ProtocolError, type Runtime } from '@latchkey/protocol'
import { type ClientIdentity, connectAs, identityProblems } from './client-identity.ts'
import type { AccessTokenHeader } from './compact-jwt.ts'
import { sha256 } from './crypto.ts'
import { fetchJson } from './fetch-json.ts'
import type { KeySource } from './key-source.ts'

/** The API's own credentials at the provider: a client whose `resources` name this API. */
export interface IntrospectionOptions extends ClientIdentity {
  /** Seconds an answer is remembered; 1 unless said otherwise, 0 for not at all. */
  readonly cacheSeconds?: number
  /** How many answers are remembered; 5000 unless said otherwise. */
  readonly cachedTokens?: number
}

export function* introspectionProblems(options: IntrospectionOptions | undefined): Generator<string> {
  if (options === undefined) return
  const { cacheSeconds = 1, cachedTokens = 1 } = options
  yield* identityProblems('introspection.', options)
  if (!(cacheSeconds >= 0 && cacheSeconds <= 3600)) yield 'introspection.cacheSeconds: give a number from 0 to 3600'
  if (!(Number.isInteger(cachedTokens) && cachedTokens >= 1)) {
    yield 'introspection.cachedTokens: give a whole number, 1 or more'
  }
}

export interface Introspected {
  readonly header: AccessTokenHeader
  readonly payload: Readonly<Record<string, unknown>>
}

export interface Introspector {
  /**
   * What the provider says of a token now, or null when it is not active.
   * @throws ProtocolError while the provider cannot be asked; OAuthError `temporarily_unavailable` when too many are asked about
   * @spec RFC 7662 §2, §4
   */
  ask(token: string): Promise<Introspected | null>
}

interface Answer {
  readonly introspected: Introspected | null
  readonly until: number
}

/** Anybody can make up opaque tokens: no more questions than that are open at a time. */
const mostQuestions = 1000
const header: AccessTokenHeader = Object.freeze({ typ: 'opaque', alg: 'introspection' })

/** One question at a time for each token; answers are remembered for a moment, by the token's SHA-256. */
export function createIntrospector(
  keySource: KeySource,
  options: IntrospectionOptions,
  runtime: Runtime,
): Introspector {
  const { cacheSeconds = 1, cachedTokens = 5000 } = options
  const connection = connectAs(options, keySource.issuer, runtime)
  const answers = createRecentlyUsed<Answer>(cacheSeconds > 0 ? cachedTokens : 0)
  const asking = new Map<string, Promise<Introspected | null>>()

  async function question(token: string, digest: string): Promise<Introspected | null> {
    const { introspectionEndpoint } = await keySource.metadata()
    if (introspectionEndpoint === undefined) {
      throw new ProtocolError('discovery_failed', `${keySource.issuer} has no introspection endpoint`)
    }
    const proof = await clientProof(connection)
    const headers = { ...proof.headers, 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ ...proof.parameters, token, token_type_hint: 'access_token' }).toString()
    const document = await fetchJson(runtime, introspectionEndpoint, { headers, body })
    if (document === 'not found') {
      throw new ProtocolError('response_invalid', `${introspectionEndpoint} is not there`, { retryable: true })
    }
    const introspected = document.body.active === true ? { header, payload: readAnswer(document.body) } : null
    answers.set(digest, { introspected, until: runtime.now() + cacheSeconds })
    return introspected
  }

  /** Some providers leave out what they assume the API to know. */
  function readAnswer(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { active: _active, ...claims } = body
    return { iss: keySource.issuer, ...claims }
  }

  return {
    ask(token) {
      const digest = sha256(token)
      const answer = answers.get(digest)
      if (answer !== undefined && answer.until > runtime.now()) return Promise.resolve(answer.introspected)
      const pending = asking.get(digest)
      if (pending !== undefined) return pending
      if (asking.size >= mostQuestions) {
        const description = 'too many access tokens have to be asked about at once'
        throw new OAuthError('temporarily_unavailable', description, { retryAfterSeconds: 1 })
      }
      const asked = question(token, digest).finally(() => asking.delete(digest))
      asking.set(digest, asked)
      return asked
    },
  }
}
