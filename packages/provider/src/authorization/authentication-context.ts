import { type ClaimsRequest, type Form, wantedValues } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { wordsOf } from './request-parameters.ts'

/** Which authentication contexts a client asks for. @spec OIDC Core §3.1.2.1, §5.5.1.1 */
export interface WantedContext {
  /** Best first; empty when any will do. */
  readonly values: readonly string[]
  /** Whether nothing else will do. */
  readonly essential: boolean
}

/** The `claims` parameter speaks before `acr_values`, and both before what the client registered. @spec OIDC Core §5.5.1.1 */
export function readWantedContext(
  form: Form,
  claims: ClaimsRequest | undefined,
  client: RegisteredClient,
): WantedContext {
  const asked = claims?.id_token?.acr
  const named = (wantedValues(asked) ?? []).filter((value) => typeof value === 'string')
  if (named.length > 0) return { values: named, essential: asked?.essential === true }
  const values = wordsOf(form.get('acr_values'))
  return { values: values.length > 0 ? values : client.metadata.default_acr_values, essential: false }
}

type Contexts = Pick<Parts, 'acrValues'>

/** The context to put into tokens: the first wanted one that this sign-in meets, else the strongest that it meets. */
export function metContext(
  { acrValues }: Contexts,
  amr: readonly string[],
  wanted: WantedContext['values'],
): string | null {
  const met = acrValues.filter((context) => context.amr.every((method) => amr.includes(method)))
  const preferred = wanted.find((value) => met.some((context) => context.value === value))
  return preferred ?? met[0]?.value ?? null
}

export function meetsContext(parts: Contexts, amr: readonly string[], { values }: WantedContext): boolean {
  return values.length === 0 || values.includes(metContext(parts, amr, values) ?? '')
}

/** Whether any of the wanted contexts is one that signing in again can reach. */
export function isReachable({ acrValues }: Contexts, { values }: WantedContext): boolean {
  return acrValues.some((context) => values.includes(context.value))
}
