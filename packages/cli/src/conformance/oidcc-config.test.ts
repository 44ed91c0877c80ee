import { allModules } from './test-oidcc-all-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'

const variant = {
  responseType: 'code',
  responseMode: 'default',
  auth: 'client_secret_basic',
  registration: 'static_client',
} as const

runPlan('oidcc-config-certification-test-plan', allModules, [
  { variant, modules: ['oidcc-discovery-endpoint-verification'] },
])
