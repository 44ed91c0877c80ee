import { delegate } from './delegate.ts'
import { type LightHeaders, lightHeaders } from './light-headers.ts'

const NativeResponse = globalThis.Response

/** What can be sent as it is. */
export interface PlainAnswer {
  readonly status: number
  readonly body: string | Uint8Array | null
  /** As they were given, or a list where somebody asked for them since. */
  readonly headers: Readonly<Record<string, string>> | LightHeaders
}

/**
 * A response that is kept as what it was made from: Fetch's own costs more to make than to send. Only what reads it
 * otherwise than a server does makes Fetch's own of it, once.
 */
export class LightResponse {
  readonly status: number
  readonly #body: BodyInit | null
  readonly #given: ResponseInit | undefined
  #headers: LightHeaders | undefined
  #native: Response | undefined

  constructor(body: BodyInit | null = null, init?: ResponseInit) {
    this.status = init?.status ?? 200
    this.#body = body
    this.#given = init
    // Fetch's own refuses some; what it refuses it refuses at once.
    if (!isOrdinary(this.status, body)) this.#native = this.#made()
  }

  static redirect(url: string | URL, status = 302): LightResponse {
    const { headers } = NativeResponse.redirect(url, status)
    return new LightResponse(null, { status, headers: { location: headers.get('location') ?? '' } })
  }

  static json(data: unknown, init: ResponseInit = {}): LightResponse {
    const body: unknown = JSON.stringify(data)
    if (typeof body !== 'string') throw new TypeError('The data is not JSON serializable')
    const headers = lightHeaders(init.headers)
    if (!headers.has('content-type')) headers.append('content-type', 'application/json')
    return new LightResponse(body, { ...init, headers: headers as unknown as Headers })
  }

  static error(): Response {
    return NativeResponse.error()
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  get headers(): Headers {
    if (this.#native !== undefined) return this.#native.headers
    if (this.#headers === undefined) {
      this.#headers = lightHeaders(this.#given?.headers)
      if (typeof this.#body === 'string' && !this.#headers.has('content-type')) {
        this.#headers.append('content-type', 'text/plain;charset=UTF-8')
      }
    }
    return this.#headers as unknown as Headers
  }

  /** Null where the native one has to be read. */
  get plain(): PlainAnswer | null {
    const body = this.#body
    if (this.#native !== undefined || !isOrdinary(this.status, body)) return null
    const given = this.#given?.headers
    const isAsGiven =
      this.#headers === undefined && isRecord(given) && (typeof body !== 'string' || 'content-type' in given)
    return { status: this.status, body, headers: isAsGiven ? given : (this.headers as unknown as LightHeaders) }
  }

  get native(): Response {
    this.#native ??= this.#made()
    return this.#native
  }

  #made(): Response {
    const { statusText } = this.#given ?? {}
    const headers = this.#headers === undefined ? this.#given?.headers : [...this.#headers.pairs]
    const rest = statusText === undefined ? {} : { statusText }
    return new NativeResponse(this.#body, {
      status: this.status,
      ...rest,
      ...(headers === undefined ? {} : { headers }),
    })
  }
}

delegate(LightResponse, NativeResponse, ['status'])

const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

/** What Fetch's own would take, and what can be sent without being read. @spec Fetch §5.5 */
function isOrdinary(status: number, body: unknown): body is PlainAnswer['body'] {
  if (!Number.isInteger(status) || status < 200 || status > 599) return false
  return body === null || (!bodiless.has(status) && (typeof body === 'string' || body instanceof Uint8Array))
}

function isRecord(given: HeadersInit | undefined): given is Record<string, string> {
  return given !== undefined && !(Symbol.iterator in given)
}
