import { pageRuntime } from '@latchkey/protocol/system-runtime'
import type { Platform } from './platform.ts'

const nothing = () => {}
const nowhere = () => 'http://localhost/'

/** A server's platform: nobody is there to be signed in. */
export const inertPlatform: Platform = {
  interactive: false,
  runtime: pageRuntime,
  page: {
    href: nowhere,
    base: nowhere,
    assign: nothing,
    submit: nothing,
    replaceAddress: nothing,
  },
  storage: null,
  locks: { exclusive: (_name, work) => work(), hold: () => nothing, held: async () => [] },
  openChannel: () => ({ postMessage: nothing, close: nothing }),
  onLifecycle: () => nothing,
}
