import type { GuardRequest } from './credentials.ts'
import { isForm } from './node-request.ts'

/** A Fetch `Request` as the guard reads it; the body stays readable for whoever comes behind. */
export function fetchRequest(request: Request): GuardRequest {
  const { headers } = request
  return {
    authorization: headers.get('authorization'),
    dpop: headers.get('dpop'),
    clientCert: headers.get('client-cert'),
    method: request.method,
    url: () => request.url,
    form: () => readForm(request),
  }
}

function readForm(request: Request): Promise<FormData> | undefined {
  return isForm(request.headers.get('content-type')) ? request.clone().formData() : undefined
}

/** The answer with these headers as well. `Response.redirect()` makes headers that cannot be changed. */
export function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers)
  for (const name in more) headers.set(name, more[name] ?? '')
  const { status, statusText, body } = response
  return new Response(body, { status, statusText, headers })
}
