import { createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import { ProtocolError, type Runtime } from '@latchkey/protocol'
import type { PopupOptions } from '../auth.ts'
import type { AskInWindow, AuthPart } from '../auth-part.ts'
import { callbackOf } from '../callback-message.ts'
import { given } from '../given.ts'
import type { Parts } from '../parts.ts'
import type { Platform } from '../platform/platform.ts'
import { openPopupWindow, type PopupWindow } from '../platform/popup-window.ts'
import { requestOptions } from '../sign-in.ts'

/** Whether the window is still there is looked at this often, in seconds: browsers tell nobody of its end. */
const lookSeconds = 0.25
/** An answer may still be on its way when the window has closed itself, in seconds. */
const lastMessageSeconds = 1
/** How long a person may take, in seconds. */
const patienceSeconds = 600
/** In CSS pixels. */
const usualSize = { width: 480, height: 640 }

/**
 * Sign-in in a window of its own. Needs the static page `popup-callback.html`, registered as a redirect URI; works under
 * `Cross-Origin-Opener-Policy: same-origin` as well, where only the closing of the window cannot be seen.
 */
export function popup(open: typeof openPopupWindow = openPopupWindow): AuthPart {
  const askInWindow: AskInWindow = async (platform, { size = usualSize, signal, redirectUri, begin }) => {
    // Before anything is waited for, else browsers take the window for an advertisement.
    const opened = open(size)
    if (opened === null) {
      throw new ProtocolError('popup_blocked', 'the browser blocked the window: sign in from a click, or allow windows')
    }
    try {
      const begun = await begin()
      return { begun, callback: await answerOfWindow(platform, { ...begun, opened, redirectUri, signal }) }
    } finally {
      opened.close()
    }
  }
  return { name: 'popup', askInWindow, popup: (parts, options) => signInInPopup(askInWindow, parts, options) }
}

async function signInInPopup(askInWindow: AskInWindow, parts: Parts, options: PopupOptions): Promise<TokenSet> {
  const { settings, connection, requests, platform } = parts
  const { resource, popupRedirectUri: redirectUri } = settings
  const request = requestOptions(settings, options, redirectUri)
  const { callback, begun } = await askInWindow(platform, {
    ...options,
    redirectUri,
    async begin() {
      const { url, transaction } = await createAuthorizationRequest(connection, request)
      return { url, transaction, state: transaction.state }
    },
  })
  return requests.exchange({ callback, transaction: begun.transaction, ...given({ resource }) })
}

interface Awaited {
  readonly opened: PopupWindow
  readonly redirectUri: string
  readonly url: string
  readonly state: string
  readonly signal: AbortSignal | undefined
}

/**
 * The answer with our own `state`; other windows' are not for us. A handle that was never seen elsewhere and is gone has
 * been cut off by an opener policy, which says nothing about the window: then only the answer, or time, tells.
 */
function answerOfWindow(platform: Platform, awaited: Awaited): Promise<URLSearchParams> {
  const { runtime } = platform
  const { opened, redirectUri, url, state, signal } = awaited
  return new Promise<URLSearchParams>((resolve, reject) => {
    const channel = platform.openChannel('latchkey:popup', (data) => {
      const answer = callbackOf(data, 'latchkey:popup-callback', redirectUri)
      if (answer?.get('state') === state) end(() => resolve(answer))
    })
    const closed = () =>
      end(() => reject(new ProtocolError('popup_closed', 'the window was closed before the sign-in ended')))
    const abort = () => end(() => reject(signal?.reason))
    let stopLooking = watchWindow(runtime, opened, () => {
      stopLooking = runtime.schedule(lastMessageSeconds, closed)
    })
    const stopWaiting = runtime.schedule(patienceSeconds, closed)
    function end(settle: () => void): void {
      stopLooking()
      stopWaiting()
      channel.close()
      signal?.removeEventListener('abort', abort)
      settle()
    }
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) return abort()
    opened.navigate(url)
  })
}

function watchWindow(runtime: Runtime, opened: PopupWindow, gone: () => void): () => void {
  let seenElsewhere = false
  let cancel = () => {}
  const look = () => {
    const where = opened.whereabouts()
    if (where === 'elsewhere') seenElsewhere = true
    if (where !== 'gone') cancel = runtime.schedule(lookSeconds, look)
    else if (seenElsewhere) gone()
  }
  cancel = runtime.schedule(lookSeconds, look)
  return () => cancel()
}
