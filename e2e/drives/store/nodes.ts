import type { ChildProgram } from '../../processes/child-program.ts'
import { type HouseOptions, startNode } from './house.ts'

export interface Nodes {
  /** `kill -9` of one that is up, chosen by a number from 0 to 1; it begins again at once, in the background. */
  kill(choice: number): Promise<void>
  /** Resolves when every node is up. @throws Error when one did not start */
  allUp(): Promise<void>
  stop(): Promise<void>
}

/** Nodes on these ports; the first makes the key file that all of them share. */
export async function startNodes(house: HouseOptions, ports: readonly number[]): Promise<Nodes> {
  const up = new Map<number, ChildProgram>()
  const starting = new Map<number, Promise<void>>()
  function start(port: number): Promise<void> {
    const begun = startNode(house, port).then((node) => {
      up.set(port, node)
      starting.delete(port)
    })
    begun.catch(() => {})
    starting.set(port, begun)
    return begun
  }
  const allUp = async (): Promise<void> => void (await Promise.all(starting.values()))
  const [first = 0, ...others] = ports
  await start(first)
  await Promise.all(others.map(start))
  return {
    allUp,
    async kill(choice) {
      if (up.size === 0) await Promise.any(starting.values())
      const standing = [...up.keys()]
      const port = standing[Math.floor(choice * standing.length)] ?? first
      const node = up.get(port)
      up.delete(port)
      await node?.stop('SIGKILL')
      void start(port)
    },
    async stop() {
      await allUp()
      await Promise.all([...up.values()].map((node) => node.stop()))
    },
  }
}
