/** Everything the pages of accounts say; one file a language. */
export interface AccountTexts {
  readonly error: string
  readonly cancel: string
  readonly username: string
  readonly password: string
  readonly newPassword: string
  readonly name: string
  readonly email: string
  readonly show: string
  readonly hide: string
  readonly showPassword: string
  readonly missing: string
  readonly enterUsername: string
  readonly enterPassword: string
  readonly signIn: {
    readonly title: string
    readonly to: string
    readonly button: string
    readonly wrong: string
    tooMany(minutes: number): string
    readonly register: string
  }
  readonly register: {
    readonly title: string
    readonly to: string
    readonly button: string
    readonly signIn: string
    readonly hint: string
    readonly check: string
    readonly taken: string
    readonly badUsername: string
    readonly badEmail: string
    tooShort(least: number): string
    tooLong(most: number): string
    readonly common: string
    readonly likeName: string
    readonly tooMany: string
  }
}
