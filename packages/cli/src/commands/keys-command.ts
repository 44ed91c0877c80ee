import { resolve } from 'node:path'
import { ConfigError, type SigningAlg, signingAlgs } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type KeyControl, openKeyControl } from '@latchkey/provider'
import { readConfig } from '../config/read-config.ts'
import type { ServeConfig } from '../config/serve-config.ts'
import { loadEncryptionKeys } from '../encryption-key.ts'
import { openStores } from '../stores.ts'

export interface KeysArguments {
  readonly config: string
}

/** `latchkey keys list`: every signing key with its state and what comes next. */
export function listKeys({ config }: KeysArguments): Promise<void> {
  return withKeys(config, async (keys) => print(await table(keys)))
}

/** `latchkey keys rotate [ALG]`: announces a successor, which signs once everybody can have seen it. */
export function rotateKeys(alg: string | undefined, { config }: KeysArguments): Promise<void> {
  if (alg !== undefined && !isSigningAlg(alg)) {
    throw new ConfigError([`"${alg}" is no signing algorithm; there are ${signingAlgs.join(', ')}`])
  }
  return withKeys(config, async (keys) => {
    const kids: string[] = []
    for (const each of alg === undefined ? signingAlgs : [alg]) {
      const kid = await keys.rotate(each as SigningAlg)
      if (kid !== null) kids.push(`${each}: ${kid} is announced and signs next`)
      else if (alg !== undefined)
        throw new ConfigError([`There is no ${alg} key in this store; one is made when it is needed.`])
    }
    print([...kids, '', ...(await table(keys))])
  })
}

/** `latchkey keys compromise KID`: the key is gone at once, and nothing it signed is believed. */
export function compromiseKey(kid: string, { config }: KeysArguments): Promise<void> {
  return withKeys(config, async (keys) => {
    if (!(await keys.compromise(kid))) {
      throw new ConfigError([`There is no key "${kid}" in this store; "latchkey keys list" shows those there are.`])
    }
    print([`${kid} is gone; tokens that it signed are refused from now on.`, '', ...(await table(keys))])
  })
}

async function withKeys(file: string, work: (keys: KeyControl) => Promise<void>): Promise<void> {
  const config = readConfig(resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', file))
  if (config.store.kind === 'memory') {
    throw new ConfigError(['The store of this configuration is "memory": its keys are in the server’s process alone.'])
  }
  const stores = openStores(config.store)
  try {
    await stores.ready()
    await work(openKeyControl({ ...keyOptions(config), store: stores.store, runtime: systemRuntime }))
  } finally {
    await stores.close()
  }
}

function keyOptions(config: ServeConfig) {
  const { audit, keySchedule, lifetimes } = config
  return {
    audit,
    keySchedule,
    lifetimes,
    keyEncryptionKey: loadEncryptionKeys(config, { runtime: systemRuntime, mustExist: true }),
  }
}

async function table(keys: KeyControl): Promise<readonly string[]> {
  const rows = (await keys.list()).map(({ alg, state, kid, signsAt, retiresAt, dropsAt }) => [
    alg,
    state,
    kid,
    instant(signsAt),
    instant(retiresAt),
    instant(dropsAt),
  ])
  const head = ['alg', 'state', 'kid', 'signs from', 'retires', 'dropped']
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function instant(at: number | null): string {
  return at === null ? '–' : `${new Date(at * 1000).toISOString().slice(0, 19)}Z`
}

function isSigningAlg(alg: string): alg is SigningAlg {
  return (signingAlgs as readonly string[]).includes(alg)
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
