import { InjectionToken } from '@angular/core'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'

export const RUNTIME_CONFIG = new InjectionToken<RuntimeConfig>('runtime configuration')
