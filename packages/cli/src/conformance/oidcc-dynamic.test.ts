import { allModules } from './test-oidcc-all-modules.ts'
import { runPlan } from './test-oidcc-plan.ts'
import type { Variant } from './test-oidcc-run.ts'

const variant = (responseType: Variant['responseType']): Variant => ({
  responseType,
  responseMode: 'default',
  auth: 'private_key_jwt',
  registration: 'dynamic_client',
})

const modules = [
  'oidcc-idtoken-rs256',
  'oidcc-idtoken-unsigned',
  'oidcc-userinfo-rs256',
  'oidcc-ensure-redirect-uri-in-authorization-request',
  'oidcc-redirect-uri-query-OK',
  'oidcc-redirect-uri-query-mismatch',
  'oidcc-redirect-uri-query-added',
  'oidcc-redirect-uri-regfrag',
  'oidcc-discovery-endpoint-verification',
  'oidcc-server',
  'oidcc-registration-logo-uri',
  'oidcc-registration-policy-uri',
  'oidcc-registration-tos-uri',
  'oidcc-registration-jwks-uri',
  'oidcc-registration-sector-uri',
  'oidcc-registration-sector-bad',
  'oidcc-server-rotate-keys',
  'oidcc-refresh-token-rp-key-rotation',
  'oidcc-request-uri-unsigned',
  'oidcc-request-uri-signed-rs256',
  'oidcc-ensure-request-object-with-redirect-uri',
  'oidcc-refresh-token',
  'oidcc-ensure-client-assertion-with-iss-aud-succeeds',
]

/** The suite leaves these out where an ID token comes in the answer, or is asked for once alone. */
const once = ['oidcc-idtoken-unsigned', 'oidcc-server-rotate-keys']

runPlan('oidcc-dynamic-certification-test-plan', allModules, [
  { variant: variant('code'), modules },
  { variant: variant('code id_token token'), modules: modules.filter((name) => !once.includes(name)) },
])
