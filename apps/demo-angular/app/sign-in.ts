import { Injectable, inject, signal } from '@angular/core'
import { OidcSecurityService } from '@latchkey/angular'

/** Signing in and out, with what went wrong in words for the page. */
@Injectable({ providedIn: 'root' })
export class SignIn {
  readonly #oidc = inject(OidcSecurityService)
  readonly #problem = signal<string | null>(null)
  readonly #leaving = signal(false)

  /** Why signing in or out did not work; null when nothing is wrong. */
  readonly problem = this.#problem.asReadonly()
  /** True while somebody is on the way to the provider. */
  readonly leaving = this.#leaving.asReadonly()

  constructor() {
    this.#oidc.checkAuth().subscribe(({ errorMessage }) => {
      if (errorMessage !== undefined) this.tell(errorMessage)
    })
  }

  signIn(returnTo?: string): void {
    void this.#leave(() => this.#oidc.authorize(undefined, returnTo === undefined ? {} : { returnTo }))
  }

  /** In a window of its own; the page stays. */
  signInWithPopup(): void {
    void this.#leave(() => this.#oidc.auth().signInWithPopup())
  }

  signOut(): void {
    void this.#leave(() => this.#oidc.auth().signOut())
  }

  /** Puts a failure before the person, as a sentence. */
  tell(failure: unknown): void {
    const text = failure instanceof Error ? failure.message : String(failure)
    this.#problem.set(`Signing in did not work: ${text}.`)
  }

  async #leave(go: () => Promise<unknown>): Promise<void> {
    this.#leaving.set(true)
    this.#problem.set(null)
    try {
      await go()
    } catch (error) {
      this.tell(error)
    }
    this.#leaving.set(false)
  }
}
