/** What happened, for logs and metrics. Never a token, a code, a secret or a password. */
export interface ProviderEvent {
  readonly type:
    | 'token.issued'
    | 'token.refused'
    | 'token.revoked'
    | 'refresh.reused'
    | 'code.reused'
    | 'authorization.granted'
    | 'authorization.refused'
    | 'key.announced'
    | 'key.dropped'
    | 'key.compromised'
    | 'session.started'
    | 'session.ended'
    | 'sign-in.failed'
    | 'subject.ended'
    | 'subject.deleted'
    | 'consent.granted'
    | 'consent.withdrawn'
    | 'client.registered'
    | 'client.changed'
    | 'client.secret-renewed'
    | 'client.deleted'
    | 'client.secret-guessed-at'
    | 'logout.delivered'
    | 'logout.failed'
    | 'request.refused'
    | 'request.failed'
    | 'audit.left-out'
  /** Epoch seconds. */
  readonly at: number
  readonly requestId: string
  readonly clientId?: string
  readonly sub?: string
  /** The `sub` of whoever did it to somebody or something else: an administrator. */
  readonly actor?: string
  readonly grantType?: string
  readonly familyId?: string
  readonly error?: string
  /** What exactly was wrong; stays here and never goes to the wire. */
  readonly detail?: string
}
