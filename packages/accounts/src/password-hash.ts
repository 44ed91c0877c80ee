import type { Runtime } from '@latchkey/protocol'
import { type Argon2Cost, argon2id, equalBytes } from './crypto.ts'

/** About 28 ms and 19 MiB a password. */
const cost: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const phc = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Longer ones are refused before any work is done on them. */
export const longestPassword = 1024

/** argon2id in PHC string form, with a new salt. */
export async function hashPassword(runtime: Pick<Runtime, 'randomBytes'>, password: string): Promise<string> {
  const salt = runtime.randomBytes(16)
  return format(cost, salt, await argon2id(password.normalize('NFC'), { salt, cost, length: 32 }))
}

/** Whether the password is the one that was hashed; false for a hash of another kind. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  const parsed = parse(passwordHash)
  if (parsed === null) return false
  const { salt, derived } = parsed
  return equalBytes(
    derived,
    await argon2id(password.normalize('NFC'), { salt, cost: parsed.cost, length: derived.length }),
  )
}

/** Whether the hash was made at another cost than new ones are. */
export function isOutdated(passwordHash: string): boolean {
  return !passwordHash.startsWith(`$argon2id$v=19$${formatCost(cost)}$`)
}

function format(spent: Argon2Cost, salt: Uint8Array, derived: Uint8Array): string {
  return `$argon2id$v=19$${formatCost(spent)}$${base64(salt)}$${base64(derived)}`
}

function formatCost({ memory, passes, parallelism }: Argon2Cost): string {
  return `m=${memory},t=${passes},p=${parallelism}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

function parse(text: string): { cost: Argon2Cost; salt: Buffer; derived: Buffer } | null {
  const [, memory, passes, parallelism, salt, derived] = phc.exec(text) ?? []
  if (salt === undefined || derived === undefined) return null
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    derived: Buffer.from(derived, 'base64'),
  }
}
