import { OAuthError } from './oauth-error.ts'

/** Parameters that may stand more than once. @spec RFC 8707 §2 */
const repeatable = new Set(['resource', 'audience'])

/** The parameters of one request: each at most once, empty ones treated as absent. @spec RFC 6749 §3.1, §3.2 */
export class Form {
  readonly #values: ReadonlyMap<string, readonly string[]>

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /**
   * Reads `application/x-www-form-urlencoded` text, of a body or of a query string without its `?`.
   * @throws OAuthError `invalid_request` when a parameter stands twice or is no UTF-8 percent-encoding.
   */
  static parse(text: string): Form {
    const values = new Map<string, string[]>()
    for (const pair of text.split('&')) {
      if (pair === '') continue
      const equals = pair.indexOf('=')
      const name = decode(equals === -1 ? pair : pair.slice(0, equals))
      const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
      if (value === '') continue
      const before = values.get(name)
      if (before === undefined) values.set(name, [value])
      else if (repeatable.has(name)) before.push(value)
      else throw new OAuthError('invalid_request', `parameter "${printable(name)}" is given more than once`)
    }
    return new Form(values)
  }

  static of(values: Readonly<Record<string, string | readonly string[] | undefined>>): Form {
    const entries = Object.entries(values).flatMap(([name, value]): [string, readonly string[]][] =>
      value === undefined ? [] : [[name, typeof value === 'string' ? [value] : value]],
    )
    return new Form(new Map(entries))
  }

  /** The value, or undefined when the parameter is absent or empty. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }

  /** Every value of a parameter that may be repeated. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** @throws OAuthError `invalid_request` naming the missing parameter. */
  require(name: string): string {
    const value = this.get(name)
    if (value === undefined) throw new OAuthError('invalid_request', `parameter "${name}" is missing`)
    return value
  }

  names(): readonly string[] {
    return [...this.#values.keys()]
  }

  /** Back to wire text; `Form.parse(form.toString())` is the same form. */
  toString(): string {
    return [...this.#values]
      .flatMap(([name, values]) => values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`))
      .join('&')
  }
}

function decode(text: string): string {
  // Most names and values are plain: looking costs less than decoding.
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new OAuthError('invalid_request', 'the parameters are not valid UTF-8 percent-encoding', { cause })
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 60)
}
