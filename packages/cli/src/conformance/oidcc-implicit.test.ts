import { allModules } from './test-oidcc-all-modules.ts'
import { withoutDynamic } from './test-oidcc-basic-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'
import type { Variant } from './test-oidcc-run.ts'

const variant = (responseType: Variant['responseType'], registration: Variant['registration']): Variant => ({
  responseType,
  responseMode: 'default',
  auth: 'client_secret_basic',
  registration,
})

/** Run for both response types. */
const each = [
  'oidcc-server',
  'oidcc-idtoken-signature',
  'oidcc-ensure-request-without-nonce-fails',
  'oidcc-scope-profile',
  'oidcc-scope-email',
  'oidcc-scope-address',
  'oidcc-scope-phone',
  'oidcc-scope-all',
  'oidcc-ensure-other-scope-order-succeeds',
  'oidcc-alternate-happy-flow',
  'oidcc-display-page',
  'oidcc-display-popup',
  'oidcc-prompt-login',
  'oidcc-prompt-none-not-logged-in',
  'oidcc-prompt-none-logged-in',
  'oidcc-max-age-1',
  'oidcc-max-age-10000',
  'oidcc-ensure-request-with-unknown-parameter-succeeds',
  'oidcc-id-token-hint',
  'oidcc-login-hint',
  'oidcc-ui-locales',
  'oidcc-claims-locales',
  'oidcc-ensure-request-with-acr-values-succeeds',
  'oidcc-ensure-registered-redirect-uri',
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
  'oidcc-ensure-request-object-with-redirect-uri',
  'oidcc-claims-essential',
]
const withToken = [
  'oidcc-userinfo-get',
  'oidcc-userinfo-post-header',
  'oidcc-userinfo-post-body',
  'oidcc-response-type-missing',
]

runPlan('oidcc-implicit-certification-test-plan', allModules, [
  { variant: variant('id_token', 'dynamic_client'), modules: each },
  { variant: variant('id_token token', 'static_client'), modules: [...withoutDynamic(each), ...withToken] },
])
