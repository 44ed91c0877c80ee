import { abortable } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { AskInWindow, PartWith } from '../auth-part.ts'
import { callbackOf } from '../callback-message.ts'
import { openPopupWindow } from '../platform/popup-window.ts'
import { beginSession, signInElsewhere } from '../sign-in.ts'
import { within } from '../within.ts'

/**
 * Sign-in in a window of its own. Needs the static page `popup-callback.html`, registered as a redirect URI; works under
 * `Cross-Origin-Opener-Policy: same-origin` as well, where only the closing of the window cannot be seen.
 */
export function popup(open: typeof openPopupWindow = openPopupWindow): PartWith<'signInWithPopup'> {
  const askInWindow = askBy(open)
  return {
    askInWindow,
    methods: (parts) => ({
      async signInWithPopup(options = {}) {
        const { interactive, settings, holder, emit } = parts
        if (!interactive) return holder.state
        const { popupRedirectUri: redirectUri } = settings
        try {
          const tokens = await askInWindow(parts, { ...options, redirectUri }, (ask) =>
            signInElsewhere(parts, options, { redirectUri, ask }),
          )
          await beginSession(parts, tokens, 'popup')
        } catch (error) {
          emit({ type: 'sign-in-failed', error })
          throw error
        }
        return holder.state
      },
    }),
  }
}

/**
 * The answer with our own `state`; other windows' are not for us. A handle that was never seen elsewhere and is gone has
 * been cut off by an opener policy, which says nothing about the window: then only the answer, or time, tells.
 */
function askBy(open: typeof openPopupWindow): AskInWindow {
  return async (platform, { size, signal, redirectUri }, work) => {
    // Before anything is waited for, else browsers take the window for an advertisement.
    const opened = open(size)
    if (!opened) {
      throw new ProtocolError('popup_blocked', 'allow windows, or sign in from a click')
    }
    /** How long a person may take, in seconds. */
    const patienceSeconds = 600
    const ask = async (url: string, state: string) => {
      const answer = within<URLSearchParams>(platform.runtime, patienceSeconds, ({ end, later }) => {
        let seenElsewhere = false
        /** Whether the window is still there is looked at this often, in seconds: browsers tell nobody of its end. */
        const lookSeconds = 0.25
        /** An answer may still be on its way when the window has closed itself, in seconds. */
        const lastMessageSeconds = 1
        const look = () => {
          const where = opened.whereabouts()
          seenElsewhere ||= where === 'elsewhere'
          const isOver = signal?.aborted || (seenElsewhere && where === 'gone')
          if (isOver) later(lastMessageSeconds, end)
          else later(lookSeconds, look)
        }
        const channel = platform.openChannel('latchkey:popup', (data) => {
          const answer = callbackOf(data, 'latchkey:popup-callback', redirectUri)
          if (answer?.get('state') === state) end(answer)
        })
        later(lookSeconds, look)
        if (!signal?.aborted) opened.navigate(url)
        return () => channel.close()
      })
      const callback = await abortable(answer, signal)
      if (!callback) throw new ProtocolError('popup_closed', 'the window was closed')
      return callback
    }
    try {
      return await work(ask)
    } finally {
      opened.close()
    }
  }
}
