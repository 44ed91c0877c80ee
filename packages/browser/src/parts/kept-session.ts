import type { SessionStorage, SharedSession } from '../auth-part.ts'
import { isNewer, isSession, type Session } from '../session.ts'
import type { SessionHolder } from '../session-holder.ts'
import type { Tabs } from '../tabs.ts'

/** Tells the storage whatever the other tabs are told, and hears what it knows with them. */
export function shareByStorage(storage: SessionStorage, { holder, tabs }: SharedSession): Tabs {
  const kept = createKeptSession(storage, holder)
  return {
    ...tabs,
    tell(session) {
      tabs.tell(session)
      return kept.write()
    },
    catchUp: () => Promise.all([tabs.catchUp(), kept.reload()]),
  }
}

/** The session beyond this page. */
export interface KeptSession {
  /** Takes what is kept, unless this tab knows something newer. */
  reload(): Promise<void>
  /** Keeps what the holder has now; resolves when it is written. */
  write(): Promise<unknown>
}

/**
 * Writes follow each other in order. Tabs may share a storage and hear of things late: what is kept is never replaced by
 * something older, nor removed for another session's end. A storage that fails costs the next reload, never this page.
 */
export function createKeptSession(storage: SessionStorage, holder: SessionHolder): KeptSession {
  let seen: Session | null = null
  let last: Promise<unknown> = Promise.resolve()

  async function read(): Promise<Session | null> {
    try {
      const kept = await storage.load()
      return isSession(kept) ? kept : null
    } catch {
      return null
    }
  }
  async function keep(session: Session | null, before: Session | null): Promise<void> {
    const kept = await read()
    if (session) {
      if (isNewer(session, kept)) await storage.save(session)
    } else if (!kept || kept.family === before?.family) await storage.remove()
  }
  function write(): Promise<unknown> {
    const [session, before] = [holder.current(), seen]
    if (session !== before) {
      seen = session
      last = last.then(() => keep(session, before)).catch(() => {})
    }
    return last
  }
  holder.subscribe(({ status }) => status !== 'unknown' && void write())
  return {
    write,
    async reload() {
      await last
      const kept = await read()
      if (kept && holder.adopt(kept, 'stored')) seen = holder.current()
    },
  }
}
