import type { TokenSet } from '@latchkey/client'
import type { PartWith } from './auth-part.ts'
import { answerOfFrame, silentCallback } from './callback-message.ts'
import { readResponse } from './local-address.ts'
import type { Parts } from './parts.ts'
import { relayToParent } from './platform/frame.ts'
import type { Platform } from './platform/platform.ts'
import type { Settings } from './settings.ts'
import { beginSession, type SignInRequest, saysNobodyIsThere, signInElsewhere } from './sign-in.ts'

/**
 * Asks the provider in a hidden frame, at the start of a page and where there is no refresh token. Needs the static page
 * `silent-callback.html`, and works where browsers send the provider its cookies in a frame: on one site.
 */
export function silentSignIn(): PartWith<'signInSilently'> {
  return {
    silent: { ask, relay },
    methods: (parts) => ({
      async signInSilently(options = {}) {
        const found = parts.interactive ? await ask(parts, options) : undefined
        if (found) await beginSession(parts, found, 'silent')
        return !!found
      },
    }),
  }
}

/**
 * Undefined when the provider needs a person or does not answer.
 * @throws ProtocolError when the provider cannot be reached or its answer does not hold.
 * @spec OIDC Core §3.1.2.1 prompt=none
 */
async function ask(parts: Parts, options: SignInRequest, resource?: string): Promise<TokenSet | undefined> {
  const { silentRedirectUri: redirectUri } = parts.settings
  try {
    return await signInElsewhere(
      parts,
      { ...options, prompt: 'none' },
      { redirectUri, resource, ask: (url) => answerOfFrame(parts, url, redirectUri) },
    )
  } catch (error) {
    if (!saysNobodyIsThere(error)) throw error
    return undefined
  }
}

/** In the frame: where the app itself answers for the static page, it does what that page does. */
function relay({ page }: Platform, { silentRedirectUri }: Settings): boolean {
  const url = page.href()
  return !!readResponse(url, silentRedirectUri) && (page.relayToParent ?? relayToParent)({ type: silentCallback, url })
}
