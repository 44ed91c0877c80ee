import { HttpContext, HttpContextToken } from '@angular/common/http'

/** What one request asks of the interceptor, beside what the secure routes say. */
export interface RequestAuthentication {
  /**
   * `skip`: no token, wherever it goes. `required`: not sent without a token. `optional`: sent without one where none is to
   * be had. Default: as the secure route says.
   */
  readonly authentication?: 'skip' | 'required' | 'optional'
  /** The API whose token goes along. @spec RFC 8707 §2.2 */
  readonly resource?: string
  /** Space-separated; narrows the token. */
  readonly scope?: string
  /** Which configuration's token, where several have a route there. */
  readonly configId?: string
}

export const REQUEST_AUTHENTICATION = new HttpContextToken<RequestAuthentication>(() => ({}))

/**
 * `http.get(url, { context: authentication({ resource }) })`. A token still goes to secure routes alone: a context chooses
 * among tokens, it opens no other address.
 */
export function authentication(asked: RequestAuthentication, context = new HttpContext()): HttpContext {
  return context.set(REQUEST_AUTHENTICATION, asked)
}
