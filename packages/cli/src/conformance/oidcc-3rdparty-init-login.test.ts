import { allModules } from './test-oidcc-all-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'

const variant = {
  responseType: 'code',
  responseMode: 'default',
  auth: 'client_secret_basic',
  registration: 'dynamic_client',
} as const

runPlan('oidcc-3rdparty-init-login-certification-test-plan', allModules, [
  { variant, modules: ['oidcc-3rd_party-init-login', 'oidcc-3rd_party-init-login-nohttps'] },
])
