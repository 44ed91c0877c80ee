import { ProtocolError } from '@latchkey/protocol'

/** An error in the form that auth0-spa-js throws: `error` to branch on, ours as its cause. */
export class GenericError extends Error {
  override readonly name: string = 'GenericError'
  readonly error: string
  readonly error_description: string

  constructor(error: string, description: string, cause?: unknown) {
    super(description, cause === undefined ? undefined : { cause })
    this.error = error
    this.error_description = description
  }
}

const words: Readonly<Record<string, string>> = {
  not_signed_in: 'login_required',
  refresh_rejected: 'login_required',
  popup_blocked: 'popup_open',
  popup_closed: 'cancelled',
  unreachable: 'timeout',
  state_mismatch: 'missing_transaction',
}

/** What went wrong, in the words of auth0-spa-js; whatever is not ours passes as it is. */
export function genericError(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error
  return new GenericError(error.oauthError ?? words[error.code] ?? error.code, error.message, error)
}
