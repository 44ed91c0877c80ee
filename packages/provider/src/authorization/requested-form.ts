import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { isPushed, openPushedRequest } from './pushed-request.ts'
import { fetchRequestObject, readRequestObject } from './request-object.ts'

/**
 * What counts of an authorization request: its own parameters, or those that were pushed before, or those inside its
 * request object. Whatever stands beside one of the latter two does not count. @spec RFC 9101 §5, §6.3; RFC 9126 §4
 * @throws OAuthError
 */
export async function requestedForm(parts: Parts, client: RegisteredClient, wire: Form): Promise<Form> {
  const uri = wire.get('request_uri')
  if (uri !== undefined && wire.has('request'))
    throw new OAuthError('invalid_request', 'send either "request" or "request_uri", not both')
  if (uri !== undefined && isPushed(uri)) return openPushedRequest(parts, client, uri)
  // @spec RFC 9126 §5, §6
  if (parts.requirePushedAuthorizationRequests || client.metadata.require_pushed_authorization_requests)
    throw new OAuthError('invalid_request', 'this request has to be pushed first: send request_uri alone')
  return requestObjectForm(parts, client, wire)
}

/** The same without the way over a pushed request: what the push itself may carry. */
export async function requestObjectForm(parts: Parts, client: RegisteredClient, wire: Form): Promise<Form> {
  const uri = wire.get('request_uri')
  const object = uri === undefined ? wire.get('request') : await fetchRequestObject(parts, client, uri)
  if (object !== undefined) return readRequestObject(parts, client, { object, wire })
  // @spec RFC 9101 §10.5
  if (client.metadata.require_signed_request_object)
    throw new OAuthError('invalid_request', 'this client has to send its parameters in a signed request object')
  return wire
}
