interface EventWords {
  readonly words: string
  readonly tone: '' | 'good' | 'warn' | 'bad'
}

/** What each kind of entry is called here; the order is the one of the filter. */
const known: Readonly<Record<string, EventWords>> = {
  'session.started': { words: 'Signed in', tone: 'good' },
  'session.ended': { words: 'Signed out', tone: '' },
  'sign-in.failed': { words: 'Sign-in failed', tone: 'warn' },
  'subject.ended': { words: 'Everything of a person ended', tone: 'warn' },
  'subject.deleted': { words: 'Person deleted', tone: 'warn' },
  'consent.granted': { words: 'Consent given', tone: 'good' },
  'consent.withdrawn': { words: 'Access withdrawn', tone: '' },
  'authorization.granted': { words: 'Authorization granted', tone: '' },
  'authorization.refused': { words: 'Authorization refused', tone: 'warn' },
  'token.issued': { words: 'Tokens issued', tone: '' },
  'token.refused': { words: 'Tokens refused', tone: 'warn' },
  'token.revoked': { words: 'Token revoked', tone: '' },
  'code.reused': { words: 'Code used twice', tone: 'bad' },
  'refresh.reused': { words: 'Refresh token reused', tone: 'bad' },
  'client.registered': { words: 'Client registered', tone: '' },
  'client.changed': { words: 'Client changed', tone: '' },
  'client.secret-renewed': { words: 'Client got a new secret', tone: '' },
  'client.deleted': { words: 'Client deleted', tone: 'warn' },
  'client.secret-guessed-at': { words: 'Many wrong secrets', tone: 'warn' },
  'key.announced': { words: 'Signing key announced', tone: '' },
  'key.dropped': { words: 'Signing key dropped', tone: '' },
  'key.compromised': { words: 'Signing key compromised', tone: 'bad' },
  'logout.delivered': { words: 'Logout delivered', tone: '' },
  'logout.failed': { words: 'Logout not delivered', tone: 'warn' },
  'request.refused': { words: 'Request refused', tone: 'warn' },
  'request.failed': { words: 'Request failed', tone: 'bad' },
  'audit.left-out': { words: 'Entries left out', tone: 'warn' },
}

/** Every kind with its words. */
export const eventTypes: readonly { readonly type: string; readonly words: string }[] = Object.entries(known).map(
  ([type, { words }]) => ({ type, words }),
)

/** A kind that a newer version wrote stands by its own name. */
export function wordsOf(type: string): EventWords {
  return known[type] ?? { words: type, tone: '' }
}
