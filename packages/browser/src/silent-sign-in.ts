import { createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import type { SignInOptions, TokenTarget } from './auth.ts'
import type { AuthPart } from './auth-part.ts'
import { callbackOf } from './callback-message.ts'
import { given } from './given.ts'
import type { Parts } from './parts.ts'
import { openFrame } from './platform/frame.ts'
import type { Platform } from './platform/platform.ts'
import type { Settings } from './settings.ts'
import { requestOptions, saysNobodyIsThere } from './sign-in.ts'

/** How long the provider may take in the frame, in seconds. */
const frameLimitSeconds = 10
/** A document that has loaded without an answer is no answer page; a form may still be on its way. */
const afterLoadSeconds = 2

/**
 * Asks the provider in a hidden frame, at the start of a page and where there is no refresh token. Needs the static page
 * `silent-callback.html`, and works where browsers send the provider its cookies in a frame: on one site.
 */
export function silentSignIn(): AuthPart {
  return { name: 'silent sign-in', silent: { ask, relay } }
}

/**
 * Null when the provider needs a person or does not answer. The transaction stays in memory: the answer comes back to
 * this very page.
 * @throws ProtocolError when the provider cannot be reached or its answer does not hold.
 * @spec OIDC Core §3.1.2.1 prompt=none
 */
async function ask(parts: Parts, options: SignInOptions & TokenTarget): Promise<TokenSet | null> {
  const { platform, settings, connection, requests } = parts
  const { silentRedirectUri } = settings
  const { resource = settings.resource } = options
  const request = { ...requestOptions(settings, options, silentRedirectUri), prompt: 'none' }
  const { url, transaction } = await createAuthorizationRequest(connection, request)
  const answer = await answerOfFrame(platform, url, silentRedirectUri)
  if (answer === null) return null
  try {
    return await requests.exchange({
      callback: answer,
      transaction,
      ...given({ resource }),
    })
  } catch (error) {
    if (saysNobodyIsThere(error)) return null
    throw error
  }
}

/** The answer's parameters; null when none came in time. */
export function answerOfFrame(platform: Platform, url: string, redirectUri: string): Promise<URLSearchParams | null> {
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
    const close = (platform.openFrame ?? openFrame)(url, {
      message(data) {
        const answer = callbackOf(data, 'latchkey:silent-callback', redirectUri)
        if (answer !== null) finish(answer)
      },
      loaded() {
        cancelAfterLoad()
        cancelAfterLoad = runtime.schedule(afterLoadSeconds, () => finish(null))
      },
    })
  })
}

/** In the frame: where the app itself answers for the static page, it does what that page does. */
function relay(platform: Platform, { silentRedirectUri }: Settings): boolean {
  const here = new URL(platform.page.href())
  if (here.pathname !== new URL(silentRedirectUri).pathname || !here.searchParams.has('state')) return false
  return platform.page.relayToParent({ type: 'latchkey:silent-callback', url: here.href })
}
