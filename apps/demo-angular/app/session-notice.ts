import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { OidcSecurityService } from '@latchkey/angular'
import { sessionNotices } from '@latchkey-apps/demo-spa/session-notices'
import { SignIn } from './sign-in.ts'

/** Says calmly why nobody is signed in any more, and what to do. */
@Component({
  selector: 'lk-session-notice',
  host: { class: 'session-notice' },
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
    return { ...sessionNotices[state.because], again: state.because !== 'signed-out' }
  })
}
