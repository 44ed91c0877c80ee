import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { OidcSecurityService, type SignedOutReason } from '@latchkey/angular'
import { duration, lifeBar, type TokenHistory, type TokenSpan } from '@latchkey-apps/demo-spa/token-history'
import { TokenLife } from './token-life.ts'
import { TokenLifeBar } from './token-life-bar.ts'

const endings: Readonly<Record<SignedOutReason, string>> = {
  revoked: 'revoked',
  expired: 'ended',
  'signed-out': 'signed out',
  'signed-out-elsewhere': 'signed out',
}

/** What is left of the token's life, or when it was over. */
function remaining({ expiresAt }: TokenSpan, end: TokenHistory['end'], now: number) {
  if (end !== null) return { expiryTerm: 'Ended', expiry: timeOfDay(end.at) }
  if (expiresAt <= now)
    return { expiryTerm: 'Expired', expiry: `${duration(now - expiresAt)} ago; the next call renews it` }
  return { expiryTerm: 'Expires in', expiry: duration(expiresAt - now) }
}

function timeOfDay(at: number): string {
  return new Date(at * 1000).toLocaleTimeString()
}

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

  protected readonly view = computed(() => {
    const history = this.#life.history()
    const now = this.#life.now()
    const token = history?.spans[history.spans.length - 1]
    if (history == null || token === undefined) return null
    const { end } = history
    const expired = token.expiresAt <= now
    const status = end === null ? (expired ? 'expired' : 'valid') : endings[end.because]
    return {
      alive: end === null,
      bar: lifeBar(history, now),
      ...remaining(token, end, now),
      issued: timeOfDay(token.issuedAt),
      label: `The access token's life: ${status}, renewed ${history.renewals} times`,
      renewals: history.renewals,
      status,
      tone: status === 'valid' ? 'good' : status === 'expired' ? 'warn' : status === 'revoked' ? 'bad' : '',
    }
  })

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
