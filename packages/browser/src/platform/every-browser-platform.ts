import { pageRuntime } from '@latchkey/protocol/system-runtime'
import { browserPlatform } from './browser-platform.ts'
import type { Platform } from './platform.ts'
import { plainLocks } from './storage-locks.ts'

/** `browserPlatform()` for Firefox before 96, too: without Web Locks tabs take turns by `localStorage`. */
export function everyBrowserPlatform(): Platform {
  return browserPlatform(() =>
    plainLocks({
      runtime: pageRuntime,
      storage: () => localStorage,
      onLeave: (task) => addEventListener('pagehide', task),
    }),
  )
}
