import type { Round } from './test-oidcc-plan.ts'
import type { Variant } from './test-oidcc-run.ts'

/** Those that the suite runs with clients of its own making alone. */
const dynamicAlone = [
  'oidcc-idtoken-signature',
  'oidcc-idtoken-unsigned',
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
]

const modules = [
  'oidcc-server',
  'oidcc-response-type-missing',
  'oidcc-idtoken-signature',
  'oidcc-idtoken-unsigned',
  'oidcc-userinfo-get',
  'oidcc-userinfo-post-header',
  'oidcc-userinfo-post-body',
  'oidcc-ensure-request-without-nonce-succeeds-for-code-flow',
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
  'oidcc-codereuse',
  'oidcc-codereuse-30seconds',
  'oidcc-ensure-registered-redirect-uri',
  'oidcc-ensure-post-request-succeeds',
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
  'oidcc-claims-essential',
  'oidcc-ensure-request-object-with-redirect-uri',
  'oidcc-refresh-token',
  'oidcc-ensure-request-with-valid-pkce-succeeds',
]

/** The modules of the basic plan, which the form_post plan runs again in its own response mode. */
export function basicRounds(
  responseMode: Variant['responseMode'],
  registration: Variant['registration'],
): readonly Round[] {
  const variant = { responseType: 'code', responseMode, auth: 'client_secret_basic', registration } as const
  return [
    { variant, modules: registration === 'dynamic_client' ? modules : withoutDynamic(modules) },
    { variant: { ...variant, auth: 'client_secret_post' }, modules: ['oidcc-server-client-secret-post'] },
  ]
}

/** What is left of a list of modules for clients of the configuration. */
export function withoutDynamic(names: readonly string[]): readonly string[] {
  return names.filter((name) => !dynamicAlone.includes(name))
}
