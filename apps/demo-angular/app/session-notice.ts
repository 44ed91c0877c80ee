import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { OidcSecurityService, type SignedOutReason } from '@latchkey/angular'
import { SignIn } from './sign-in.ts'

const notices: Readonly<Record<SignedOutReason, { readonly tone: string; readonly text: string }>> = {
  revoked: { tone: 'bad', text: 'The session was revoked – sign in again' },
  expired: { tone: 'warn', text: 'The session has ended – sign in again' },
  'signed-out-elsewhere': { tone: '', text: 'You signed out in another tab, so you are signed out here as well.' },
  'signed-out': { tone: 'good', text: 'You are signed out.' },
}

/** Says calmly why nobody is signed in any more, and what to do. */
@Component({
  selector: 'lk-session-notice',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div role="status">
      @if (notice(); as notice) {
        <div [class]="'notice ' + notice.tone" data-testid="notice">
          <div class="row between">
          <p>{{ notice.text }}</p>
          @if (notice.again) {
            <button type="button" class="secondary small" [disabled]="signIn.leaving()" (click)="signIn.signIn()">Sign in again</button>
          }
        </div>
        </div>
      }
    </div>
    <div role="alert">
      @if (signIn.problem(); as problem) {
        <div class="notice bad" data-testid="problem"><p>{{ problem }}</p></div>
      }
    </div>
  `,
})
export class SessionNotice {
  protected readonly signIn = inject(SignIn)
  readonly #oidc = inject(OidcSecurityService)

  protected readonly notice = computed(() => {
    const state = this.#oidc.state()
    if (state.status !== 'anonymous' || state.because === undefined) return null
    return { ...notices[state.because], again: state.because !== 'signed-out' }
  })
}
