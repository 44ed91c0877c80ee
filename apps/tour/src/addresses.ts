import { createServer } from 'node:net'
import { ConfigError } from '@latchkey/protocol'

export const host = '127.0.0.1'

/** Origins of the parts. */
export interface Addresses {
  readonly provider: string
  readonly api: string
  readonly angular: string
  readonly react: string
  readonly bff: string
}

const wishes = {
  provider: { port: 8000, variable: 'LATCHKEY_PROVIDER_PORT' },
  api: { port: 3001, variable: 'LATCHKEY_API_PORT' },
  angular: { port: 4200, variable: 'LATCHKEY_ANGULAR_PORT' },
  react: { port: 5173, variable: 'LATCHKEY_REACT_PORT' },
  bff: { port: 6001, variable: 'LATCHKEY_BFF_PORT' },
} as const

const attempts = 200

/** A free port for each part: the usual one, or the next that is free; 0 in its variable means any. */
export async function chooseAddresses(environment: Readonly<Record<string, string | undefined>>): Promise<Addresses> {
  const taken = new Set<number>()
  const origins: Record<string, string> = {}
  for (const [part, { port, variable }] of Object.entries(wishes)) {
    const chosen = await freePortFrom(readPort(variable, environment[variable]) ?? port, taken)
    taken.add(chosen)
    origins[part] = `http://${host}:${chosen}`
  }
  return origins as unknown as Addresses
}

function readPort(variable: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new ConfigError([`${variable} must be a port from 0 to 65535, not "${text}"`])
}

async function freePortFrom(first: number, taken: ReadonlySet<number>): Promise<number> {
  if (first === 0) return (await tryPort(0)) ?? freePortFrom(0, taken)
  const last = Math.min(first + attempts, 65_535)
  for (let port = first; port <= last; port++) {
    if (!taken.has(port) && (await tryPort(port)) !== undefined) return port
  }
  throw new ConfigError([`No port from ${first} to ${last} is free on ${host}: end a program that listens there.`])
}

/** The port when it could be bound, undefined when another program has it. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen({ host, port }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}
