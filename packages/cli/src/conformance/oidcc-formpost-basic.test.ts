import { allModules } from './test-oidcc-all-modules.ts'
import { basicRounds } from './test-oidcc-basic-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'

runPlan('oidcc-formpost-basic-certification-test-plan', allModules, basicRounds('form_post', 'static_client'))
