import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient, Resource } from '../config.ts'

type Resources = ReadonlyMap<string, Resource>

/**
 * The APIs a request asks for: `resource`, and `audience` as another word for it, each once.
 * @throws OAuthError `invalid_target` for one that is unknown or not this client's
 * @spec RFC 8707 §2
 */
export function requestedResources(form: Form, client: RegisteredClient, resources: Resources): readonly Resource[] {
  if (!form.has('resource') && !form.has('audience')) return []
  const named = [...new Set([...form.all('resource'), ...form.all('audience')])]
  return named.map((identifier) => permittedResource(identifier, client, resources))
}

/**
 * The same where a token is first asked for: some providers want to be told for which API.
 * @throws OAuthError `invalid_target`
 * @spec RFC 8707 §2
 */
export function namedResources(
  { resources, requireResource }: { readonly resources: Resources; readonly requireResource: boolean },
  form: Form,
  client: RegisteredClient,
): readonly Resource[] {
  const named = requestedResources(form, client, resources)
  if (requireResource && named.length === 0)
    throw new OAuthError('invalid_target', 'parameter "resource" is missing: name the API that the token is for')
  return named
}

/** @throws OAuthError `invalid_target` */
export function permittedResource(identifier: string, client: RegisteredClient, resources: Resources): Resource {
  const resource = resources.get(identifier)
  const permitted = client.metadata.resources
  if (resource === undefined) {
    throw new OAuthError('invalid_target', `there is no resource "${printable(identifier)}"`)
  }
  if (permitted.length > 0 && !permitted.includes(identifier)) {
    throw new OAuthError('invalid_target', `this client may not ask for the resource "${printable(identifier)}"`)
  }
  return resource
}

/**
 * The one API that an access token is for: the one asked for, else the first that was authorized.
 * @throws OAuthError `invalid_target` when several are asked for at once or one that was not authorized
 * @spec RFC 8707 §2.2
 */
export function targetResource(
  form: Form,
  client: RegisteredClient,
  granted: { readonly authorized: readonly string[]; readonly resources: Resources },
): Resource | null {
  const requested = oneOf(requestedResources(form, client, granted.resources))
  if (requested !== null && !granted.authorized.includes(requested.identifier)) {
    throw new OAuthError('invalid_target', `the resource "${printable(requested.identifier)}" was not authorized`)
  }
  const first = granted.authorized[0]
  if (requested !== null || first === undefined) return requested
  return permittedResource(first, client, granted.resources)
}

/** @throws OAuthError `invalid_target`: an access token is for one API, so that no API can use it at another. */
export function oneOf(requested: readonly Resource[]): Resource | null {
  if (requested.length > 1) {
    throw new OAuthError('invalid_target', 'an access token is for one resource: ask for one at a time')
  }
  return requested[0] ?? null
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 200)
}
