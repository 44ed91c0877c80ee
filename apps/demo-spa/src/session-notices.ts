import type { SignedOutReason } from '@latchkey/browser'

/** What people read when they are signed in no more. */
export const sessionNotices: Readonly<Record<SignedOutReason, { readonly tone: string; readonly text: string }>> = {
  revoked: { tone: 'bad', text: 'The session was revoked – sign in again' },
  expired: { tone: 'warn', text: 'The session has ended – sign in again' },
  'signed-out-elsewhere': { tone: '', text: 'You signed out in another tab, so you are signed out here as well.' },
  'signed-out': { tone: 'good', text: 'You are signed out.' },
}
