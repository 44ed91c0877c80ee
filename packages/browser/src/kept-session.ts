import type { SessionStorage } from './auth-part.ts'
import { isSession, type Session } from './session.ts'
import type { SessionHolder } from './session-holder.ts'

/** The session beyond this page, where the configuration has a storage; otherwise nothing happens. */
export interface KeptSession {
  /** Takes what is kept, unless this tab knows something newer. */
  reload(): Promise<void>
  /** Keeps what the holder has now; resolves when it is written. */
  write(): Promise<void>
}

/** Writes follow each other in order; a storage that fails loses the next reload, never the session of this page. */
export function createKeptSession(storage: SessionStorage | undefined, holder: SessionHolder): KeptSession {
  if (storage === undefined) return { reload: async () => undefined, write: async () => undefined }
  let written: Session | null = null
  let last: Promise<unknown> = Promise.resolve()
  const write = (): Promise<void> => {
    const session = holder.current()
    if (session === written) return last.then(() => undefined)
    written = session
    const next = last.then(() => (session === null ? storage.remove() : storage.save(session)))
    last = next.catch(() => undefined)
    return last.then(() => undefined)
  }
  holder.subscribe((state) => {
    if (state.status !== 'unknown') void write()
  })
  return {
    write,
    async reload() {
      await last
      const kept = await Promise.resolve()
        .then(() => storage.load())
        .catch(() => null)
      if (isSession(kept) && holder.adopt(kept, 'stored')) written = holder.current()
    },
  }
}
