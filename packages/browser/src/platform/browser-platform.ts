import { pageRuntime } from '@latchkey/protocol/system-runtime'
import { inertPlatform } from './inert-platform.ts'
import type { Page, Platform } from './platform.ts'
import { openTabStorage } from './tab-storage.ts'
import { openLocks } from './web-locks.ts'

/** The browser this page runs in; on a server the inert platform. */
export function browserPlatform(): Platform {
  if (typeof window === 'undefined' || typeof document === 'undefined') return inertPlatform
  return {
    interactive: true,
    runtime: pageRuntime,
    page: browserPage,
    storage: openTabStorage(() => sessionStorage),
    locks: openLocks(navigator.locks as LockManager | undefined, {
      runtime: pageRuntime,
      storage: () => localStorage,
      onLeave: (task) => addEventListener('pagehide', task),
    }),
    openChannel(name, receive) {
      const channel = new BroadcastChannel(name)
      channel.onmessage = ({ data }) => receive(data)
      return { post: (message) => channel.postMessage(message), close: () => channel.close() }
    },
    onLifecycle,
  }
}

const browserPage: Page = {
  href: () => location.href,
  base: () => document.baseURI,
  assign: (url) => location.assign(url),
  submit(url, fields) {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', hidden: true })
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { name, value }))
    }
    document.body.append(form)
    // A field named submit would stand in the method's place.
    HTMLFormElement.prototype.submit.call(form)
  },
  replaceAddress: (url) => history.replaceState(history.state, '', url),
  relayToParent(message) {
    // A parent of another origin does not get the message: the target origin is ours.
    if (parent !== window) parent.postMessage(message, location.origin)
    return parent !== window
  },
}

function onLifecycle(listener: (event: 'resume' | 'leave') => void): () => void {
  const ended = new AbortController()
  const { signal } = ended
  const on = (target: EventTarget, type: string, handle: (event: Event) => void) =>
    target.addEventListener(type, handle, { signal })
  const resume = () => listener('resume')
  on(document, 'visibilitychange', () => document.hidden || resume())
  on(window, 'online', resume)
  on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && resume())
  on(window, 'pagehide', () => listener('leave'))
  return () => ended.abort()
}
