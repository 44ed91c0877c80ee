interface Page {
  readonly title: string
  readonly message: string
}

interface AccountTexts {
  /** After "Sign in to continue to". */
  readonly pageName: string
  readonly title: string
  readonly signOut: string
  readonly applications: string
  says(host: string): string
  readonly since: string
  readonly inUse: string
  readonly idle: string
  notAsked(host: string): string
  readonly gone: string
  readonly once: string
  readonly withdraw: string
  readonly none: string
  readonly noneSays: string
  withdrawTitle(client: string): string
  /** What happens at once, and what does not; one sentence an entry. */
  withdrawSays(client: string, wasAsked: boolean): readonly string[]
  readonly keep: string
  withdrawn(client: string): string
  nothingThere(client: string): string
  readonly sessions: string
  readonly here: string
  readonly someBrowser: string
  on(browser: string, platform: string): string
  readonly signedIn: string
  readonly used: string
  readonly opened: string
  /** What each value of `amr` means to a person. @spec RFC 8176 §2 */
  readonly methods: Readonly<Record<string, string>>
  readonly endOne: string
  readonly endOthers: string
  readonly endedOne: string
  endedOthers(count: number): string
  readonly endedNone: string
  readonly nowhereElse: string
  readonly oldForm: Page
}

/** Everything the provider's own pages say; one file a language. Names of clients and people are never part of it. */
export interface Texts {
  readonly skip: string
  readonly request: string
  /** On the way back to the application. */
  readonly back: {
    readonly title: string
    readonly heading: string
    readonly says: string
    readonly button: string
    readonly needsScript: string
  }
  /** What an application says of itself. */
  readonly application: {
    of(client: string): string
    readonly policy: string
    readonly terms: string
  }
  readonly consent: {
    title(client: string): string
    heading(client: string): string
    readonly nothing: string
    readonly deny: string
    readonly allow: string
    readonly signedInAs: string
    readonly notYou: string
    accountAt(host: string): string
    appOnDevice(scheme: string): string
    thisComputer(host: string): string
    lastsOnce(duration: string, client: string): string
    lasts(longest: string, idle: string): string
    takeBack(client: string, host: string | null): string
    /** Before the address of the page on which access is withdrawn. */
    readonly takeBackAt: string
    useApi(api: string): string
    useScope(scope: string): string
    readonly details: string
    /** What each scope of this provider's own means to a person. @spec OIDC Core §5.4, §11 */
    readonly scopes: Readonly<Record<string, string>>
  }
  readonly errors: {
    readonly badRequest: Page
    readonly ours: Page
    readonly theirs: Page
    readonly signOut: Page
  }
  readonly closed: {
    readonly foreign: Page
    readonly finished: Page
    readonly expired: Page
    readonly startAgain: string
    goTo(client: string): string
  }
  /** Where people enter what their device shows. @spec RFC 8628 §3.3 */
  readonly device: {
    readonly pageName: string
    readonly title: string
    readonly errorTitle: string
    readonly enter: string
    readonly check: string
    readonly code: string
    readonly button: string
    readonly missing: string
    readonly malformed: string
    readonly tooMany: string
    readonly unknown: string
    readonly used: string
    readonly compare: string
    readonly warning: string
  }
  /** Where people see who asks for them on another device. @spec CIBA Core §7.1 */
  readonly approvals: {
    readonly pageName: string
    readonly title: string
    readonly none: string
    readonly some: string
    readonly noneSays: string
    waits(duration: string): string
    readonly look: string
    readonly compare: string
    readonly warning: string
  }
  /** The question that another device waits for, and what comes after it. */
  readonly approval: {
    title(client: string): string
    readonly elsewhere: string
    readonly allowed: Page
    readonly denied: Page
  }
  /** Where people see and take back what they have allowed, and where they are signed in. */
  readonly account: AccountTexts
  readonly signOut: {
    readonly title: string
    readonly signedInAs: string
    /** After the application's name. */
    readonly asks: string
    backTo(client: string): string
    readonly consequence: string
    readonly button: string
    readonly doneTitle: string
    readonly doneSays: string
    /** The way to the page on which people see what they have allowed. */
    readonly account: string
  }
  readonly justNow: string
  /** Seconds as people say them, largest unit first. */
  readonly units: readonly (readonly [seconds: number, one: string, many: string])[]
}
