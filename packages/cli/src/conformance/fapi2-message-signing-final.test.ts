import { type Modules, runPlan } from './test-fapi-run.ts'
import type { Variant } from './test-fapi-variant.ts'
import { dpopModules } from './test-modules-dpop.ts'
import { flowModules, openidModules } from './test-modules-flow.ts'
import { parAssertionModules, parModules } from './test-modules-par.ts'
import { requestObjectModules } from './test-modules-request-objects.ts'
import { assertionModules, tokenModules } from './test-modules-token.ts'

const variants: readonly Variant[] = [
  { auth: 'private_key_jwt', sender: 'dpop', openid: true, signed: true, jarm: true },
  { auth: 'mtls', sender: 'mtls', openid: true, signed: true, jarm: true },
  { auth: 'private_key_jwt', sender: 'mtls', openid: false, signed: true, jarm: false },
]

/** The modules of the plan fapi2-message-signing-final-test-plan that apply to plain FAPI. */
function modulesFor({ auth, sender, openid }: Variant): Modules {
  return {
    ...flowModules,
    ...(openid ? openidModules : {}),
    ...(sender === 'dpop' ? dpopModules : {}),
    ...requestObjectModules,
    ...parModules,
    ...tokenModules,
    ...(auth === 'private_key_jwt' ? { ...assertionModules, ...parAssertionModules } : {}),
  }
}

runPlan(variants, modulesFor)
