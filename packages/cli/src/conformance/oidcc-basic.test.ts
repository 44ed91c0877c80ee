import { allModules } from './test-oidcc-all-modules.ts'
import { basicRounds } from './test-oidcc-basic-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'

runPlan('oidcc-basic-certification-test-plan', allModules, basicRounds('default', 'dynamic_client'))
