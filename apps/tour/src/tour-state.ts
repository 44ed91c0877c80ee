import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { ConfigError, encodeBase64url, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { words } from './words.ts'

/** What must be the same after a restart. */
export interface TourState {
  readonly alicePassword: string
  readonly adminPassword: string
  readonly bffClientSecret: string
  readonly apiClientSecret: string
  /** 32 bytes in base64url. */
  readonly bffSessionKey: string
}

const names = ['alicePassword', 'adminPassword', 'bffClientSecret', 'apiClientSecret', 'bffSessionKey'] as const

/** Reads what earlier starts made up, makes up what is missing. */
export function loadTourState(folder: string, runtime: Runtime = systemRuntime): TourState {
  const file = `${folder}/tour.json`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const stored = readStored(file)
    const state = { ...madeUp(runtime), ...stored }
    if (names.some((name) => stored[name] === undefined)) {
      writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
    }
    return state
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new ConfigError([
      `${file} cannot be used (${code ?? message}). Make sure this user may write to ${folder}, or name another folder in LATCHKEY_DATA_DIR.`,
    ])
  }
}

function readStored(file: string): Partial<TourState> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    const known = names.filter((name) => typeof value[name] === 'string' && value[name] !== '')
    return Object.fromEntries(known.map((name) => [name, value[name]]))
  } catch {
    throw new ConfigError([
      `${file} is damaged. Delete its folder to start afresh; the demo's accounts and sessions go with it.`,
    ])
  }
}

function madeUp(runtime: Runtime): TourState {
  return {
    alicePassword: memorable(runtime),
    adminPassword: memorable(runtime),
    bffClientSecret: encodeBase64url(runtime.randomBytes(32)),
    apiClientSecret: encodeBase64url(runtime.randomBytes(32)),
    bffSessionKey: encodeBase64url(runtime.randomBytes(32)),
  }
}

/** Four words: easy to type over, and enough for accounts that live on this machine alone. */
function memorable(runtime: Runtime): string {
  return Array.from(runtime.randomBytes(4), (byte) => words[byte % words.length]).join('-')
}
