import { DestroyRef, Injectable, inject, signal } from '@angular/core'
import { OidcSecurityService } from '@latchkey/angular'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { followState, type TokenHistory } from '@latchkey-apps/demo-spa/token-history'

/** Watches the session's tokens come and go, and the clock. */
@Injectable({ providedIn: 'root' })
export class TokenLife {
  readonly #now = signal(systemRuntime.now())
  readonly #history = signal<TokenHistory | null>(null)

  /** Epoch seconds, moving once a second. */
  readonly now = this.#now.asReadonly()
  readonly history = this.#history.asReadonly()

  constructor() {
    const states = inject(OidcSecurityService).state$.subscribe((state) => {
      this.#now.set(systemRuntime.now())
      this.#history.update((history) => followState(history, state, systemRuntime.now()))
    })
    let cancel = systemRuntime.schedule(1, () => tick())
    const tick = () => {
      this.#now.set(systemRuntime.now())
      cancel = systemRuntime.schedule(1, tick)
    }
    inject(DestroyRef).onDestroy(() => {
      states.unsubscribe()
      cancel()
    })
  }
}
