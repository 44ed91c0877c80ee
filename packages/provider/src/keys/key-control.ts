import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { defaultLifetimes, type ProviderOptions } from '../config.ts'
import { keyVault } from './key-encryption.ts'
import { keySchedule } from './key-schedule.ts'
import { type KeyControl, keyControl } from './signing-keys.ts'

/** The signing keys of a store from beside the server: its nodes follow by themselves within seconds. */
export function openKeyControl(
  options: Pick<ProviderOptions, 'store' | 'keyEncryptionKey' | 'keySchedule' | 'lifetimes'> & {
    readonly runtime?: Runtime
  },
): KeyControl {
  const { store, keyEncryptionKey, runtime = systemRuntime } = options
  const schedule = keySchedule(options.keySchedule ?? {}, { ...defaultLifetimes, ...options.lifetimes })
  const house = { store, vault: keyVault(keyEncryptionKey, runtime), runtime, schedule }
  return keyControl(house, async (work) => {
    await work()
  })
}
