import { createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import type { SignInOptions, TokenTarget } from './auth.ts'
import type { PartWith } from './auth-part.ts'
import { answerWithin, callbackOf } from './callback-message.ts'
import { readResponse } from './local-address.ts'
import type { Parts } from './parts.ts'
import { openFrame, relayToParent } from './platform/frame.ts'
import type { Platform } from './platform/platform.ts'
import type { Settings } from './settings.ts'
import { beginSession, requestOptions, saysNobodyIsThere } from './sign-in.ts'

/** How long the provider may take in the frame, in seconds. */
const frameLimitSeconds = 10
/** A document that has loaded without an answer is no answer page; a form may still be on its way. */
const afterLoadSeconds = 2
const type = 'latchkey:silent-callback'

/**
 * Asks the provider in a hidden frame, at the start of a page and where there is no refresh token. Needs the static page
 * `silent-callback.html`, and works where browsers send the provider its cookies in a frame: on one site.
 */
export function silentSignIn(): PartWith<'signInSilently'> {
  return {
    name: 'silent sign-in',
    silent: { ask, relay },
    methods: (parts) => ({
      async signInSilently({ resource, ...options } = {}) {
        const found = parts.platform.interactive ? await ask(parts, options) : null
        if (found) await beginSession(parts, found, 'silent')
        return found !== null
      },
    }),
  }
}

/**
 * Null when the provider needs a person or does not answer. The transaction stays in memory: the answer comes back to
 * this very page.
 * @throws ProtocolError when the provider cannot be reached or its answer does not hold.
 * @spec OIDC Core §3.1.2.1 prompt=none
 */
async function ask(parts: Parts, options: SignInOptions & TokenTarget): Promise<TokenSet | null> {
  const { platform, settings, connection, requests } = parts
  const { silentRedirectUri, resource } = settings
  const request = requestOptions(settings, { ...options, prompt: 'none' }, silentRedirectUri)
  const { url, transaction } = await createAuthorizationRequest(connection, request)
  const callback = await answerOfFrame(platform, url, silentRedirectUri)
  try {
    return callback && (await requests.exchange({ callback, transaction, resource: options.resource ?? resource }))
  } catch (error) {
    if (saysNobodyIsThere(error)) return null
    throw error
  }
}

/** The answer's parameters; null when none came in time. */
export function answerOfFrame(platform: Platform, url: string, redirectUri: string): Promise<URLSearchParams | null> {
  return answerWithin(platform.runtime, frameLimitSeconds, ({ end, later }) =>
    (platform.openFrame ?? openFrame)(url, {
      message(data) {
        const answer = callbackOf(data, type, redirectUri)
        if (answer) end(answer)
      },
      loaded: () => later(afterLoadSeconds, () => end(null)),
    }),
  )
}

/** In the frame: where the app itself answers for the static page, it does what that page does. */
function relay({ page }: Platform, { silentRedirectUri }: Settings): boolean {
  const url = page.href()
  return readResponse(url, silentRedirectUri) !== null && (page.relayToParent ?? relayToParent)({ type, url })
}
