import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { inertPlatform } from './inert-platform.ts'
import type { Channel, Page, Platform } from './platform.ts'
import { openTabStorage } from './tab-storage.ts'
import { openLocks } from './web-locks.ts'

/** The browser this page runs in; on a server the inert platform. */
export function browserPlatform(): Platform {
  if (typeof window === 'undefined' || typeof document === 'undefined') return inertPlatform
  return {
    interactive: true,
    runtime: systemRuntime,
    page: browserPage,
    storage: openTabStorage(() => window.sessionStorage),
    locks: openLocks(navigator.locks as LockManager | undefined, {
      runtime: systemRuntime,
      storage: () => window.localStorage,
      onLeave: (task) => window.addEventListener('pagehide', task),
    }),
    openChannel,
    onLifecycle,
  }
}

const browserPage: Page = {
  href: () => window.location.href,
  base: () => document.baseURI,
  assign: (url) => window.location.assign(url),
  submit(url, fields) {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', hidden: true })
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    }
    document.body.append(form)
    // A field named submit would stand in the method's place.
    HTMLFormElement.prototype.submit.call(form)
  },
  replaceAddress: (url) => window.history.replaceState(window.history.state, '', url),
  relayToParent(message) {
    if (window.parent === window) return false
    // A parent of another origin does not get the message: the target origin is ours.
    window.parent.postMessage(message, window.location.origin)
    return true
  },
}

function openChannel(name: string, receive: (message: unknown) => void): Channel {
  const channel = new BroadcastChannel(name)
  channel.onmessage = (event) => receive(event.data)
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

function onLifecycle(listener: (event: 'resume' | 'leave') => void): () => void {
  const ended = new AbortController()
  const { signal } = ended
  const resume = () => listener('resume')
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && resume(), { signal })
  window.addEventListener('online', resume, { signal })
  window.addEventListener('pageshow', (event) => event.persisted && resume(), { signal })
  window.addEventListener('pagehide', () => listener('leave'), { signal })
  return () => ended.abort()
}
