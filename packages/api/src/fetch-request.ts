import type { GuardRequest } from './credentials.ts'
import { isForm } from './node-request.ts'

/** What a framework knows of a request besides. */
type Further = Pick<GuardRequest, 'form' | 'certificate'>

/** A Fetch `Request` as the guard reads it, each part only when it is asked for. */
export function fetchRequest(request: Request, further: Further = {}): GuardRequest {
  return new FetchRequest(request, further)
}

class FetchRequest implements GuardRequest {
  readonly #request: Request
  readonly #further: Further

  constructor(request: Request, further: Further) {
    this.#request = request
    this.#further = further
  }

  get authorization(): string | null {
    return this.#request.headers.get('authorization')
  }

  get dpop(): string | null {
    return this.#request.headers.get('dpop')
  }

  get clientCert(): string | null {
    return this.#request.headers.get('client-cert')
  }

  get method(): string {
    return this.#request.method
  }

  url(): string {
    return this.#request.url
  }

  /** The body stays readable for whoever comes behind. */
  form(): unknown {
    if (!isForm(this.#request.headers.get('content-type'))) return undefined
    return this.#further.form === undefined ? this.#request.clone().formData() : this.#further.form()
  }

  certificate(): Uint8Array | undefined {
    return this.#further.certificate?.()
  }
}

/** The answer with these headers as well. `Response.redirect()` makes headers that cannot be changed. */
export function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers)
  for (const name in more) headers.set(name, more[name] ?? '')
  const { status, statusText, body } = response
  return new Response(body, { status, statusText, headers })
}
