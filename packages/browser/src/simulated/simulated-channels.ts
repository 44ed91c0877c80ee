import type { Channel } from '../platform/platform.ts'
import type { SimulatedTime, TaskOwner } from './simulated-time.ts'

interface Port {
  readonly name: string
  readonly owner: TaskOwner
  readonly receive: (message: unknown) => void
  /** When the last message of each sender arrives: messages of one sender stay in order. */
  readonly lastArrivals: Map<Port, number>
}

/** Opens channels whose messages take a random time, in order only for each pair of pages. */
export function createSimulatedChannels(time: SimulatedTime) {
  const ports = new Set<Port>()

  return (name: string, owner: TaskOwner, receive: (message: unknown) => void): Channel => {
    const own: Port = { name, owner, receive, lastArrivals: new Map() }
    ports.add(own)
    return {
      postMessage(message) {
        if (!ports.has(own)) throw new DOMException('the channel is closed', 'InvalidStateError')
        const copy: unknown = structuredClone(message)
        for (const port of ports) {
          if (port === own || port.name !== name || port.owner.dead) continue
          const at = Math.max(time.now() + time.random() * 0.03, port.lastArrivals.get(own) ?? 0)
          port.lastArrivals.set(own, at)
          time.after(at - time.now(), port.owner, () => ports.has(port) && port.receive(copy))
        }
      },
      close: () => ports.delete(own),
    }
  }
}
