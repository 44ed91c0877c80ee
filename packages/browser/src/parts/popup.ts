import { createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { PopupOptions } from '../auth.ts'
import type { AskInWindow, PartWith } from '../auth-part.ts'
import { answerWithin, callbackOf } from '../callback-message.ts'
import type { Parts } from '../parts.ts'
import { openPopupWindow } from '../platform/popup-window.ts'
import { beginSession, requestOptions } from '../sign-in.ts'

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
export function popup(open: typeof openPopupWindow = openPopupWindow): PartWith<'signInWithPopup'> {
  const askInWindow = askBy(open)
  return {
    name: 'popup',
    askInWindow,
    methods: (parts) => ({
      async signInWithPopup(options = {}) {
        const { platform, events, holder } = parts
        if (!platform.interactive) return holder.state
        try {
          await beginSession(parts, await tokensFromWindow(parts, options, askInWindow), 'popup')
        } catch (error) {
          events.emit({ type: 'sign-in-failed', error })
          throw error
        }
        return holder.state
      },
    }),
  }
}

async function tokensFromWindow(
  { settings, connection, requests, platform }: Parts,
  options: PopupOptions,
  askInWindow: AskInWindow,
): Promise<TokenSet> {
  const { resource, popupRedirectUri: redirectUri } = settings
  const begin = async () => {
    const request = requestOptions(settings, options, redirectUri)
    const { url, transaction } = await createAuthorizationRequest(connection, request)
    return { ...transaction, url }
  }
  const { begun, callback } = await askInWindow(platform, { ...options, redirectUri, begin })
  return requests.exchange({ callback, transaction: begun, resource })
}

/**
 * The answer with our own `state`; other windows' are not for us. A handle that was never seen elsewhere and is gone has
 * been cut off by an opener policy, which says nothing about the window: then only the answer, or time, tells.
 */
function askBy(open: typeof openPopupWindow): AskInWindow {
  return async (platform, { size = usualSize, signal, redirectUri, begin }) => {
    // Before anything is waited for, else browsers take the window for an advertisement.
    const opened = open(size)
    if (!opened) {
      throw new ProtocolError('popup_blocked', 'the browser blocked the window: sign in from a click, or allow windows')
    }
    try {
      const begun = await begin()
      if (signal?.aborted) throw signal.reason
      const callback = await answerWithin(platform.runtime, patienceSeconds, ({ end, later }) => {
        let seenElsewhere = false
        const look = () => {
          const where = opened.whereabouts()
          seenElsewhere ||= where === 'elsewhere'
          if (seenElsewhere && where === 'gone') later(lastMessageSeconds, giveUp)
          else later(lookSeconds, look)
        }
        const giveUp = () => end(null)
        const channel = platform.openChannel('latchkey:popup', (data) => {
          const answer = callbackOf(data, 'latchkey:popup-callback', redirectUri)
          if (answer?.get('state') === begun.state) end(answer)
        })
        signal?.addEventListener('abort', giveUp)
        later(lookSeconds, look)
        opened.navigate(begun.url)
        return () => {
          channel.close()
          signal?.removeEventListener('abort', giveUp)
        }
      })
      if (signal?.aborted) throw signal.reason
      if (!callback) throw new ProtocolError('popup_closed', 'the window was closed before the sign-in ended')
      return { begun, callback }
    } finally {
      opened.close()
    }
  }
}
