import type { RegisteredClient } from '../config.ts'
import type { Locale } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'

/** An authorization response on its way. */
export interface Answer {
  readonly client: RegisteredClient
  readonly redirectUri: string
  readonly parameters: Readonly<Record<string, string>>
  /** Of the page, where the mode needs one. */
  readonly locale: Locale
}

/** How an authorization response travels to the client. @spec OAuth Multiple Response Types §2.1 */
export interface ResponseMode {
  readonly name: string
  /** Whether servers and logs on the way may see the answer, so that no token may travel in it. @spec OAuth Multiple Response Types §3 */
  readonly visible: boolean
  /** Whether this redirect URI can be answered in this way. */
  fits?(redirectUri: string): boolean
  send(parts: Sending, answer: Answer): Promise<Response>
}

export type Sending = Pick<Parts, 'issuer' | 'basePath' | 'keys' | 'clientKeys' | 'runtime'>

/** `application/x-www-form-urlencoded`, with spaces as %20, which every reader understands. */
export function encodeParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}
