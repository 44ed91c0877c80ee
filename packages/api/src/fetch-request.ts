import { OAuthError } from '@latchkey/protocol'
import type { GuardRequest } from './credentials.ts'
import { isForm } from './node-request.ts'

/** Characters of a form that is read for the sake of a token. */
const longestForm = 1024 * 1024

/** What a framework knows of a request besides; a form that it has parsed already, or nothing. */
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

  form(): unknown {
    if (!isForm(this.#request.headers.get('content-type'))) return undefined
    return this.#further.form?.() ?? readForm(this.#request)
  }

  certificate(): Uint8Array | undefined {
    return this.#further.certificate?.()
  }
}

/** The body stays readable for whoever comes behind; nobody unknown has us hold more of it than that. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const reader = request.clone().body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    text += decoder.decode(next.value, { stream: true })
    if (text.length <= longestForm) continue
    // Not waited for: half of a cloned body is given up only together with the other.
    reader?.cancel().catch(() => undefined)
    const description = 'the form is too long to look for an access token in it: send it in the Authorization header'
    throw new OAuthError('invalid_request', description)
  }
  return new URLSearchParams(text)
}

/** The answer with these headers as well. `Response.redirect()` makes headers that cannot be changed. */
export function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers)
  for (const name in more) headers.set(name, more[name] ?? '')
  const { status, statusText, body } = response
  return new Response(body, { status, statusText, headers })
}
