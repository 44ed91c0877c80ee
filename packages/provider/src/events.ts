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
    | 'client.registered'
    | 'client.changed'
    | 'client.deleted'
    | 'logout.delivered'
    | 'logout.failed'
    | 'request.refused'
    | 'request.failed'
  /** Epoch seconds. */
  readonly at: number
  readonly requestId: string
  readonly clientId?: string
  readonly sub?: string
  readonly grantType?: string
  readonly familyId?: string
  readonly error?: string
  /** What exactly was wrong; stays here and never goes to the wire. */
  readonly detail?: string
}
