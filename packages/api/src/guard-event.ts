/** What a guard tells of for metrics. It never holds a token, a subject or an address. */
export type GuardEvent =
  /** A token was verified; `known` when it had been seen before. */
  | { readonly type: 'verified'; readonly known: boolean }
  /** A request was refused. */
  | { readonly type: 'refused'; readonly status: number; readonly error: string | undefined }
  /** A token was judged while the revocation feed was older than its limit. */
  | { readonly type: 'judged-stale'; readonly did: 'introspect' | 'refuse' | 'accept' }
  /** A status list was fetched, or could not be had. */
  | { readonly type: 'status-list'; readonly fetched: boolean }
  /** The revocation feed brought something, or nothing new. */
  | { readonly type: 'feed'; readonly entries: number; readonly lagSeconds: number; readonly held: number }
