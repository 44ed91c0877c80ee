import type { Form } from '@latchkey/protocol'

/** A person as the provider sees one. */
export interface Account {
  /** 1 to 255 characters of ASCII, never given to somebody else. @spec OIDC Core §2 */
  readonly sub: string
  readonly username: string
  /** Whether this person may use the admin site. */
  readonly admin: boolean
  /** Claims under their OpenID names, besides `sub`. @spec OIDC Core §5.1 */
  readonly claims: Readonly<Record<string, unknown>>
}

/** What a sign-in page needs to know of the request it stands in. */
export interface SignInContext {
  /** The language of the page. */
  readonly locale: 'en' | 'de'
  /** Who is asking, as people know it: "Acme Notes". */
  readonly clientName: string
  /** Where the page's forms post to (same origin). Every other field of the form is the accounts' own. */
  readonly action: string
  /** A name to fill in beforehand. @spec OIDC Core §3.1.2.1 login_hint */
  readonly loginHint: string | undefined
  /** The authentication contexts that were asked for, with the methods that make them up; empty when any will do. */
  readonly wantedContexts: readonly { readonly value: string; readonly amr: readonly string[] }[]
  /** Where people make an account, or undefined where they cannot. */
  readonly registerHref: string | undefined
  /** Where people who have an account sign in. */
  readonly signInHref: string
  /** Where a person goes who does not want to sign in, or undefined when there is no way back. */
  readonly cancelAction: string | undefined
  /** Makes a whole page of the provider's look around `body`, with a strict content security policy. */
  page(page: { title: string; body: unknown; status?: number }): Response
}

export type SignInResult =
  /** The person proved who they are; `amr` says how. @spec RFC 8176 §2 */
  | { readonly outcome: 'signed-in'; readonly sub: string; readonly amr: readonly string[] }
  /** Another page first: the form, or the form with what was wrong. */
  | {
      readonly outcome: 'page'
      readonly response: Response
      /** Set when an attempt failed: whose account it was for, where there is one, and why; for the audit trail alone. */
      readonly failed?: { readonly sub?: string; readonly because: string }
    }

/** Who signs people in, and what is known of them. The provider never sees a password. */
export interface Accounts {
  find(sub: string): Promise<Account | null>
  /** Who signs in under this name, for clients that may ask for people by it; left out where there are no names. */
  findByUsername?(username: string): Promise<Account | null>
  /** Deletes the account and what was kept of its sign-ins; false when there is none. Left out where accounts are somebody else's to delete. */
  remove?(sub: string): Promise<boolean>
  /** Draws the sign-in page (`form` null) or judges what was typed. */
  signIn(context: SignInContext, form: Form | null): Promise<SignInResult>
  /** Draws the page on which people make an account, or judges what was typed; left out where they cannot. */
  register?(context: SignInContext, form: Form | null): Promise<SignInResult>
}
