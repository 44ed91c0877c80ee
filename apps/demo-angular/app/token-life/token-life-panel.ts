import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { OidcSecurityService } from '@latchkey/angular'
import { tokenLifeView } from '@latchkey-apps/demo-spa/token-life-view'
import { TokenLife } from './token-life.ts'
import { TokenLifeBar } from './token-life-bar.ts'

@Component({
  selector: 'lk-token-life-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [TokenLifeBar],
  template: `
    <section class="card stack" data-testid="token-panel" aria-labelledby="token-life">
      <div class="row between">
        <h2 id="token-life">Access token</h2>
        @if (view(); as view) { <span [class]="'badge ' + view.tone">{{ view.status }}</span> }
      </div>
      @if (view(); as view) {
        <lk-token-life-bar [bar]="view.bar" [label]="view.label" />
        <dl class="facts number">
          <dt>Issued</dt><dd data-testid="issued">{{ view.issued }}</dd>
          <dt>{{ view.expiryTerm }}</dt><dd data-testid="expires-in">{{ view.expiry }}</dd>
          <dt>Renewed</dt><dd><span data-testid="renewals">{{ view.renewals }}</span> {{ view.renewals === 1 ? 'time' : 'times' }}</dd>
        </dl>
        @if (view.alive) {
          <div class="stack tight">
            <p class="small muted">Revoking ends this session in every tab: its refresh token and every access token of it.</p>
            <p><button type="button" class="danger small" data-testid="revoke" [disabled]="revoking()" (click)="revoke()">Revoke</button></p>
          </div>
        }
      } @else {
        <p class="muted">There is none yet. Log in to watch one being issued, renewed and revoked.</p>
      }
      @if (problem(); as problem) { <p class="bad" role="alert">{{ problem }}</p> }
    </section>
  `,
})
export class TokenLifePanel {
  readonly #life = inject(TokenLife)
  readonly #oidc = inject(OidcSecurityService)
  protected readonly revoking = signal(false)
  protected readonly problem = signal<string | null>(null)

  protected readonly view = computed(() => tokenLifeView(this.#life.history(), this.#life.now()))

  protected revoke(): void {
    this.revoking.set(true)
    this.problem.set(null)
    this.#oidc.revokeRefreshToken().subscribe({
      error: (error: unknown) => {
        this.problem.set(`The session could not be revoked: ${error instanceof Error ? error.message : String(error)}`)
        this.revoking.set(false)
      },
      complete: () => this.revoking.set(false),
    })
  }
}
