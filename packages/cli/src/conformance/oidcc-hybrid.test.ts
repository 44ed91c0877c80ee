import { allModules } from './test-oidcc-all-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'
import type { Variant } from './test-oidcc-run.ts'

/** Run for each of the three response types. */
const each = [
  'oidcc-server',
  'oidcc-idtoken-signature',
  'oidcc-userinfo-get',
  'oidcc-userinfo-post-header',
  'oidcc-userinfo-post-body',
  'oidcc-scope-profile',
  'oidcc-scope-email',
  'oidcc-scope-address',
  'oidcc-scope-phone',
  'oidcc-scope-all',
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
  'oidcc-codereuse',
  'oidcc-codereuse-30seconds',
  'oidcc-ensure-registered-redirect-uri',
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
  'oidcc-claims-essential',
  'oidcc-ensure-request-object-with-redirect-uri',
  'oidcc-refresh-token',
]
const fails = 'oidcc-ensure-request-without-nonce-fails'
const succeeds = 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow'
const once = [
  'oidcc-response-type-missing',
  'oidcc-ensure-other-scope-order-succeeds',
  'oidcc-alternate-happy-flow',
  'oidcc-ensure-request-with-valid-pkce-succeeds',
]

function rounds(responseType: Variant['responseType'], modules: readonly string[]) {
  const variant = { responseType, responseMode: 'default', registration: 'dynamic_client' } as const
  return [
    { variant: { ...variant, auth: 'client_secret_basic' } as const, modules },
    { variant: { ...variant, auth: 'client_secret_post' } as const, modules: ['oidcc-server-client-secret-post'] },
  ]
}

runPlan('oidcc-hybrid-certification-test-plan', allModules, [
  ...rounds('code id_token', [...each, fails, ...once]),
  ...rounds('code token', [...each, succeeds]),
  ...rounds('code id_token token', [...each, fails]),
])
