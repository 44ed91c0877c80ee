import { type Modules, runPlan } from './test-fapi-run.ts'
import type { Variant } from './test-fapi-variant.ts'
import { dpopModules } from './test-modules-dpop.ts'
import { flowModules, openidModules } from './test-modules-flow.ts'
import { parAssertionModules, parModules } from './test-modules-par.ts'
import { assertionModules, tokenModules } from './test-modules-token.ts'

const plain = { signed: false, jarm: false } as const
const variants: readonly Variant[] = [
  { auth: 'private_key_jwt', sender: 'dpop', openid: true, ...plain },
  { auth: 'mtls', sender: 'mtls', openid: true, ...plain },
  { auth: 'private_key_jwt', sender: 'mtls', openid: false, ...plain },
  { auth: 'mtls', sender: 'dpop', openid: false, ...plain },
]

/** The modules of the plan fapi2-security-profile-final-test-plan that apply to plain FAPI. */
function modulesFor({ auth, sender, openid }: Variant): Modules {
  return {
    ...flowModules,
    ...(openid ? openidModules : {}),
    ...(sender === 'dpop' ? dpopModules : {}),
    ...parModules,
    ...tokenModules,
    ...(auth === 'private_key_jwt' ? { ...assertionModules, ...parAssertionModules } : {}),
  }
}

runPlan(variants, modulesFor)
