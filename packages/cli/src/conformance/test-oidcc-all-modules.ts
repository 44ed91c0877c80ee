import { coreModules } from './test-oidcc-modules-core.ts'
import { discoveryModules } from './test-oidcc-modules-discovery.ts'
import { dynamicModules } from './test-oidcc-modules-dynamic.ts'
import { requestModules } from './test-oidcc-modules-requests.ts'
import { sessionModules } from './test-oidcc-modules-sessions.ts'
import type { Modules } from './test-oidcc-plan.ts'

/** Every module of the Foundation's OpenID Connect plans for providers, by its own name. */
export const allModules: Modules = {
  ...coreModules,
  ...sessionModules,
  ...requestModules,
  ...discoveryModules,
  ...dynamicModules,
}
