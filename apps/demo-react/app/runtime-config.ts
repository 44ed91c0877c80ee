import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { createContext, useContext } from 'react'

export const RuntimeConfigContext = createContext<RuntimeConfig | null>(null)

export function useRuntimeConfig(): RuntimeConfig {
  const config = useContext(RuntimeConfigContext)
  if (config === null) throw new Error('the runtime configuration is provided by App')
  return config
}
