import { pageRuntime } from '@latchkey/protocol/system-runtime'
import { inertPlatform } from './inert-platform.ts'
import type { Locks, Page, Platform } from './platform.ts'
import { openTabStorage } from './tab-storage.ts'
import { webLocks } from './web-locks.ts'

/** Nobody waits for anybody, and only a provider's rotation grace forgives that: whoever builds on the core has to know. */
function noLocks(): Locks {
  console.warn('no Web Locks: use everyBrowserPlatform()')
  return { ...inertPlatform.locks, held: async () => null }
}

/** The browser this page runs in; on a server the inert platform. Firefox before 96 has no Web Locks. */
export function browserPlatform(withoutWebLocks = noLocks): Platform {
  if (typeof document === 'undefined') return inertPlatform
  return {
    interactive: true,
    runtime: pageRuntime,
    page: browserPage,
    storage: openTabStorage(() => sessionStorage),
    locks: (navigator.locks as LockManager | undefined) ? webLocks(navigator.locks) : withoutWebLocks(),
    openChannel(name, receive) {
      const channel = new BroadcastChannel(name)
      channel.onmessage = ({ data }) => receive(data)
      return channel
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
