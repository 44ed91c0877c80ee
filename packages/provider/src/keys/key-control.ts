import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createAudit } from '../audit/audit.ts'
import { defaultLifetimes, type ProviderOptions } from '../config.ts'
import { keyVault } from './key-encryption.ts'
import { keySchedule } from './key-schedule.ts'
import { type KeyControl, keyControl } from './signing-keys.ts'

/**
 * The signing keys of a store from beside the server: its nodes follow by themselves within seconds. What is changed stands
 * in the audit trail when a function resolves. @throws what the store throws when the entry could not be written
 */
export function openKeyControl(
  options: Pick<ProviderOptions, 'store' | 'keyEncryptionKey' | 'keySchedule' | 'lifetimes' | 'audit'> & {
    readonly runtime?: Runtime
  },
): KeyControl {
  const { store, keyEncryptionKey, runtime = systemRuntime } = options
  const schedule = keySchedule(options.keySchedule ?? {}, { ...defaultLifetimes, ...options.lifetimes })
  const house = { store, vault: keyVault(keyEncryptionKey, runtime), runtime, schedule }
  const failures: unknown[] = []
  const audit = createAudit({ store, runtime, ...options.audit, onError: (error) => failures.push(error) })
  return keyControl(house, async (work) => {
    for (const { type, kid } of await work())
      audit.record({ type, requestId: 'key command', at: runtime.now(), detail: kid })
    await audit.settled()
    for (const failure of failures.splice(0)) throw failure
  })
}
