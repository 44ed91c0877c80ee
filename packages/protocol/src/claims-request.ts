import { OAuthError } from './oauth-error.ts'

/** What is asked of one claim. @spec OIDC Core §5.5.1 */
export interface ClaimRequest {
  readonly essential?: boolean
  readonly value?: unknown
  readonly values?: readonly unknown[]
}

/** Claims by name; null asks for one in the usual way. */
export type ClaimRequests = Readonly<Record<string, ClaimRequest | null>>

/** The `claims` parameter: which claims are asked for, and where they shall stand. @spec OIDC Core §5.5 */
export interface ClaimsRequest {
  readonly id_token?: ClaimRequests
  readonly userinfo?: ClaimRequests
}

const longest = 8192
const mostClaims = 100

/**
 * Reads the `claims` parameter. Members that are not understood are ignored, at every level.
 * @throws OAuthError `invalid_request` @spec OIDC Core §5.5
 */
export function parseClaimsRequest(text: string | undefined): ClaimsRequest | undefined {
  if (text === undefined) return undefined
  if (text.length > longest) throw refused(`is longer than ${longest} characters`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw refused('is no JSON')
  }
  return readClaimsRequest(parsed)
}

/** The same from parsed JSON, as a request object carries it. @throws OAuthError `invalid_request` */
export function readClaimsRequest(value: unknown): ClaimsRequest {
  if (!isObject(value)) throw refused('must be a JSON object')
  return {
    ...(value.id_token === undefined ? {} : { id_token: readRequests(value.id_token, 'id_token') }),
    ...(value.userinfo === undefined ? {} : { userinfo: readRequests(value.userinfo, 'userinfo') }),
  }
}

function readRequests(value: unknown, member: string): ClaimRequests {
  if (value === null) return {}
  if (!isObject(value)) throw refused(`has "${member}", which must be an object`)
  const entries = Object.entries(value)
  if (entries.length > mostClaims) throw refused(`asks for more than ${mostClaims} claims in "${member}"`)
  return Object.fromEntries(
    entries.map(([name, request]) => [name, readRequest(request, `${member}.${printable(name)}`)]),
  )
}

function readRequest(value: unknown, at: string): ClaimRequest | null {
  if (value === null) return null
  if (!isObject(value)) throw refused(`has "${at}", which must be null or an object`)
  const { essential, value: wanted, values } = value
  if (essential !== undefined && typeof essential !== 'boolean')
    throw refused(`has "${at}.essential", which must be a boolean`)
  if (values !== undefined && !Array.isArray(values)) throw refused(`has "${at}.values", which must be an array`)
  return {
    ...(essential === undefined ? {} : { essential }),
    ...(wanted === undefined ? {} : { value: wanted }),
    ...(values === undefined ? {} : { values }),
  }
}

/** The values of which a claim must have one, or undefined when any will do. @spec OIDC Core §5.5.1 */
export function wantedValues(request: ClaimRequest | null | undefined): readonly unknown[] | undefined {
  if (request === null || request === undefined) return undefined
  if (request.value !== undefined) return [request.value]
  return request.values
}

/** Whether `actual` is what was asked for; anything is when no value was named. */
export function fulfils(request: ClaimRequest | null | undefined, actual: unknown): boolean {
  const wanted = wantedValues(request)
  if (wanted === undefined) return actual !== undefined
  const text = JSON.stringify(actual)
  return wanted.some((value) => JSON.stringify(value) === text)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function printable(name: string): string {
  return name.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 60)
}

function refused(what: string): OAuthError {
  return new OAuthError('invalid_request', `parameter "claims" ${what}`)
}
