import { createAuthorizationRequest, exchangeCode, type ProviderConnection, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { checkAccessTokenHash } from './at-hash.ts'
import type { Platform } from './platform/platform.ts'
import { isRecord } from './session.ts'
import type { Settings } from './settings.ts'

/** How long the provider may take in the frame, in seconds. */
const frameLimitSeconds = 10
/** A document that has loaded without an answer is no answer page; a form may still be on its way. */
const afterLoadSeconds = 2

/** The `error` values that say: not without a person. @spec OIDC Core §3.1.2.6 */
const needsPerson = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])

export function saysNobodyIsThere(error: unknown): boolean {
  return error instanceof ProtocolError && error.oauthError !== undefined && needsPerson.has(error.oauthError)
}

/**
 * Asks the provider without anyone noticing; null when it needs a person or does not answer.
 * The transaction stays in memory: the answer comes back to this very page.
 * @throws ProtocolError when the provider cannot be reached or its answer does not hold.
 * @spec OIDC Core §3.1.2.1 prompt=none
 */
export async function signInSilently(
  platform: Platform,
  connection: ProviderConnection,
  settings: Settings,
): Promise<TokenSet | null> {
  const { url, transaction } = await createAuthorizationRequest(connection, {
    redirectUri: settings.silentRedirectUri,
    scope: settings.scope,
    ...(settings.resource === undefined ? {} : { resource: settings.resource }),
    prompt: 'none',
    extraParameters: settings.extraParameters,
  })
  const answer = await answerOfFrame(platform, url, settings.silentRedirectUri)
  if (answer === null) return null
  try {
    const resource = settings.resource === undefined ? {} : { resource: settings.resource }
    const tokens = await exchangeCode(connection, { callback: answer, transaction, ...resource })
    await checkAccessTokenHash(tokens)
    return tokens
  } catch (error) {
    if (saysNobodyIsThere(error)) return null
    throw error
  }
}

function answerOfFrame(platform: Platform, url: string, redirectUri: string): Promise<URLSearchParams | null> {
  const { runtime } = platform
  return new Promise((resolve) => {
    const finish = (answer: URLSearchParams | null) => {
      cancelLimit()
      cancelAfterLoad()
      close()
      resolve(answer)
    }
    let cancelAfterLoad = () => {}
    const cancelLimit = runtime.schedule(frameLimitSeconds, () => finish(null))
    const close = platform.openFrame(url, {
      message(data) {
        const answer = silentAnswer(data, redirectUri)
        if (answer !== null) finish(answer)
      },
      loaded() {
        cancelAfterLoad()
        cancelAfterLoad = runtime.schedule(afterLoadSeconds, () => finish(null))
      },
    })
  })
}

/** What `silent-callback.js` posts; anything else that our own origin posts is not for us. */
function silentAnswer(data: unknown, redirectUri: string): URLSearchParams | null {
  if (!isRecord(data) || data.type !== 'latchkey:silent-callback' || typeof data.url !== 'string') return null
  if (!URL.canParse(data.url)) return null
  const url = new URL(data.url)
  const expected = new URL(redirectUri)
  return url.origin === expected.origin && url.pathname === expected.pathname ? url.searchParams : null
}

/** In the frame: where the app itself answers for the static page, it does what that page does. */
export function relaySilentAnswer(platform: Platform, silentRedirectUri: string): boolean {
  const here = new URL(platform.page.href())
  if (here.pathname !== new URL(silentRedirectUri).pathname || !here.searchParams.has('state')) return false
  return platform.page.relayToParent({ type: 'latchkey:silent-callback', url: here.href })
}
