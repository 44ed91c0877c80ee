import type { Runtime } from '@latchkey/protocol'
import type { ProviderEvent } from '../events.ts'
import type { AuditRecord, AuditStore } from '../store/store.ts'
import { type AuditOptions, defaultAudit } from './audit-options.ts'
import { createAuditRecords, isRefusal, isSecurityEvent } from './audit-record.ts'

export interface Audit {
  /** Takes an event in; it is written within `windowSeconds`, together with others. */
  record(event: ProviderEvent): void
  /** Does `act`, and takes in what it came to: in one transaction with it where the store can. Resolves as `act` does. */
  along<T>(act: () => Promise<T>, eventsOf: (result: T) => readonly ProviderEvent[]): Promise<T>
  /** Writes at once what was taken in; undefined when there is nothing, or nothing of this request. Never rejects. */
  settled(requestId?: string): Promise<void> | undefined
  /** Writes what is left. */
  close(): Promise<void>
}

/** Entries wait so long for others, so that tokens are not slowed down by a commit for each. */
const windowSeconds = 0.05
const batchSize = 200
/** While the store is away; what comes beyond is counted and told of later. */
const mostWaiting = 10_000
const retrySeconds = 1
/** Refusals kept in a minute, a node: whoever floods the endpoints does not flood the trail. */
const refusalsPerMinute = 600

interface Keeping extends AuditOptions {
  readonly store: { readonly audit: AuditStore }
  readonly runtime: Runtime
  /** Told once each time that the store begins to refuse entries. */
  readonly onError: (error: unknown) => void
}

/** Keeps events in the store, batch by batch. What the store refuses is tried again until it is taken. */
export function createAudit({ store, runtime, onError, ...options }: Keeping): Audit {
  const { level, retention } = { ...defaultAudit, ...options }
  const recordOf = createAuditRecords(runtime, retention)
  const gate = createGate(runtime)
  let waiting: AuditRecord[] = []
  let leftOut = 0
  let writing: Promise<void> | null = null
  let cancel: (() => void) | null = null
  let isFailing = false

  function add(event: ProviderEvent): void {
    if (waiting.length >= mostWaiting) {
      leftOut++
      return
    }
    waiting.push(recordOf(event))
    cancel ??= runtime.schedule(isFailing ? retrySeconds : windowSeconds, () => void write())
  }
  /** One at a time; those that ask meanwhile wait for the same end. */
  function write(): Promise<void> {
    cancel?.()
    cancel = null
    if (waiting.length > 0) writing ??= writeAll()
    return writing ?? Promise.resolve()
  }
  async function writeAll(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, batchSize)
        await store.audit.append(batch)
        waiting = waiting.slice(batch.length)
        isFailing = false
        tellOfLeftOut()
      }
    } catch (error) {
      if (!isFailing) onError(error)
      isFailing = true
      cancel ??= runtime.schedule(retrySeconds, () => void write())
    } finally {
      // In the same turn in which nothing was found waiting: what comes later begins a write of its own.
      writing = null
    }
  }
  function tellOfLeftOut(): void {
    if (leftOut === 0) return
    const detail = `${leftOut} entries were left out while the store could not take them`
    leftOut = 0
    add({ type: 'audit.left-out', at: runtime.now(), requestId: 'audit', detail })
  }
  const isKept = (event: ProviderEvent): boolean => level === 'all' || (level === 'security' && isSecurityEvent(event))
  return {
    record(event) {
      if (!isKept(event) || (isRefusal(event.type) && !gate(add))) return
      add(event)
    },
    async along(act, eventsOf) {
      if (level === 'off') return act()
      const { result, isWritten } = await store.audit.along(act, (came) => eventsOf(came).filter(isKept).map(recordOf))
      if (!isWritten) for (const event of eventsOf(result)) if (isKept(event)) add(event)
      return result
    },
    settled(requestId) {
      const isWritten = requestId !== undefined && waiting.every((entry) => entry.requestId !== requestId)
      return isWritten || waiting.length === 0 ? undefined : write()
    },
    async close() {
      await write()
      cancel?.()
    },
  }
}

/** Lets so many through in a minute; at the next that comes after it, tells how many it did not. */
function createGate(runtime: Runtime): (tell: (event: ProviderEvent) => void) => boolean {
  let minute = 0
  let passed = 0
  let stopped = 0
  return (tell) => {
    const now = runtime.now()
    if (Math.floor(now / 60) !== minute) {
      if (stopped > 0) {
        const detail = `${stopped} more refusals within a minute were left out`
        tell({ type: 'audit.left-out', at: now, requestId: 'audit', detail })
      }
      minute = Math.floor(now / 60)
      passed = 0
      stopped = 0
    }
    passed++
    if (passed > refusalsPerMinute) stopped++
    return passed <= refusalsPerMinute
  }
}
