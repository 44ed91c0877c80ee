import { Form, OAuthError } from '@latchkey/protocol'
import { seeOther } from '../authorization/cookies.ts'
import type { RegisteredClient } from '../config.ts'
import type { Endpoint } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'

/**
 * Sends a person to where an application begins to sign people in, from a link anywhere:
 * `/initiate-login?client_id=…`. @spec OIDC Core §4
 */
export function initiateLoginEndpoint(parts: Pick<Parts, 'clients' | 'issuer'>): Endpoint {
  return {
    path: '/initiate-login',
    methods: ['GET'],
    cors: 'none',
    audience: 'person',
    handle: async (http) => {
      const form = Form.parse(http.query)
      const client = await parts.clients.find(form.require('client_id'))
      if (client?.metadata.initiate_login_uri === undefined)
        throw new OAuthError('not_found', 'this application cannot be opened from here')
      const target = ownTarget(form.get('target_link_uri'), client)
      const location = initiateLoginUri(parts.issuer, client.metadata.initiate_login_uri, {
        login_hint: form.get('login_hint'),
        target_link_uri: target,
      })
      return seeOther(location)
    },
  }
}

/** @spec OIDC Core §4 */
export function initiateLoginUri(
  issuer: string,
  uri: string,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries({ iss: issuer, ...more }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  const separator = uri.includes('?') ? (/[?&]$/.test(uri) ? '' : '&') : '?'
  return uri + separator + given.join('&')
}

/** A page of the application itself, so that nobody is led elsewhere through it. @throws OAuthError */
function ownTarget(target: string | undefined, { metadata }: RegisteredClient): string | undefined {
  if (target === undefined) return undefined
  const own = [metadata.initiate_login_uri ?? '', ...metadata.redirect_uris]
  const origins = own.filter((uri) => /^https?:/.test(uri)).map((uri) => new URL(uri).origin)
  if (URL.canParse(target) && origins.includes(new URL(target).origin)) return target
  throw new OAuthError('invalid_request', 'target_link_uri is not a page of this application')
}
