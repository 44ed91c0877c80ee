/** How an authorization response travels to the client. @spec OAuth Multiple Response Types §2.1 */
export interface ResponseMode {
  readonly name: string
  send(redirectUri: string, parameters: Readonly<Record<string, string>>, basePath: string): Response
}

/** `application/x-www-form-urlencoded`, with spaces as %20, which every reader understands. */
export function encodeParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}
