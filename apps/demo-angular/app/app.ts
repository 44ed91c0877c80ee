import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { type IsActiveMatchOptions, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router'
import { OidcSecurityService } from '@latchkey/angular'
import { Mark } from './mark.ts'
import { RUNTIME_CONFIG } from './runtime-config.ts'
import { SessionNotice } from './session-notice.ts'
import { SignIn } from './sign-in.ts'
import { TokenLifePanel } from './token-life/token-life-panel.ts'

@Component({
  selector: 'lk-app',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Mark, RouterLink, RouterLinkActive, RouterOutlet, SessionNotice, TokenLifePanel],
  template: `
    <a class="skip" href="#content" (click)="skip($event)">Skip to content</a>
    <div class="frame wide">
      <header class="masthead">
        <a class="brand" routerLink="/"><lk-mark /><span>Latchkey<span class="what"> Angular demo</span></span></a>
        <nav aria-label="Pages">
          <ul>
            @for (page of pages; track page.path) {
              <li>
                <a [routerLink]="page.path" routerLinkActive #active="routerLinkActive"
                  [routerLinkActiveOptions]="samePath" [attr.aria-current]="active.isActive ? 'page' : null">{{ page.name }}</a>
              </li>
            }
          </ul>
        </nav>
        <div class="person">
          @if (name(); as name) {
            <span class="name" data-testid="user-name">{{ name }}</span>
            <button type="button" class="secondary small" data-testid="logout" [disabled]="signIn.leaving()" (click)="signIn.signOut()">Log out</button>
          } @else {
            <button type="button" class="primary small" data-testid="login" [disabled]="signIn.leaving()" (click)="signIn.signIn()">Log in</button>
          }
        </div>
      </header>
      <main id="content" tabindex="-1">
        <lk-session-notice />
        <div class="columns">
          <div class="stack loose page"><router-outlet /></div>
          @if (config.mode === 'browser') {
            <lk-token-life-panel />
          } @else {
            <section class="card stack" data-testid="token-panel" aria-labelledby="token-life">
              <h2 id="token-life">Access token</h2>
              <p class="muted">There is none in this page: the server behind it holds the tokens, renews them and adds them to each call. This browser has a cookie that no script can read.</p>
            </section>
          }
        </div>
      </main>
      <footer class="colophon">
        <a [href]="config.issuer">The provider</a>
        @if (config.bffUrl) { · <a [href]="config.bffUrl">The same with tokens on the server</a> }
      </footer>
    </div>
  `,
})
export class App {
  protected readonly signIn = inject(SignIn)
  protected readonly config = inject(RUNTIME_CONFIG)
  readonly #oidc = inject(OidcSecurityService)

  /** A page stays the current one whatever its query says. */
  protected readonly samePath: IsActiveMatchOptions = {
    paths: 'exact',
    queryParams: 'ignored',
    fragment: 'ignored',
    matrixParams: 'ignored',
  }

  protected readonly pages = [
    { path: '/', name: 'Home' },
    { path: '/profile', name: 'Profile' },
    { path: '/external-api', name: 'External API' },
    { path: '/cross-origin', name: 'Cross-origin' },
  ].filter(({ path }) => this.config.mode === 'browser' || path !== '/cross-origin')

  protected readonly name = computed(() => {
    const { userData } = this.#oidc.userData()
    return userData && (userData.name ?? userData.preferred_username ?? userData.email ?? userData.sub)
  })

  /** A plain fragment would be resolved against the base address and leave the page. */
  protected skip(event: Event): void {
    event.preventDefault()
    document.getElementById('content')?.focus()
  }
}
