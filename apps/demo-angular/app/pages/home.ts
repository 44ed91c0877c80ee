import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { RouterLink } from '@angular/router'
import { OidcSecurityService } from '@latchkey/angular'
import { RUNTIME_CONFIG } from '../runtime-config.ts'
import { SignIn } from '../sign-in.ts'

@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    @if (person(); as person) {
      <section class="stack">
        <h1>Hello, {{ person.name ?? person.sub }}</h1>
        <p class="lead">You are signed in. This page holds an access token in memory: no storage and no cookie that a script can read has it.</p>
        <p class="row">
          <a class="button primary" routerLink="/external-api">Call the API</a>
          <a class="button" routerLink="/profile">Your profile</a>
        </p>
      </section>
    } @else {
      <section class="stack">
        <h1>Follow one access token</h1>
        <p class="lead">Log in, call an API, let the token expire, renew it, revoke it. Everything here is real: the provider, the API and this application.</p>
        <p class="row">
          <button type="button" class="primary" [disabled]="signIn.leaving()" (click)="signIn.signIn()">Log in at the provider</button>
          <button type="button" class="secondary" data-testid="login-popup" [disabled]="signIn.leaving()" (click)="signIn.signInWithPopup()">In a window</button>
        </p>
      </section>
    }
    <section class="card stack">
      <h2>Who does what</h2>
      <dl class="facts">
        <dt>Provider</dt><dd><a [href]="config.issuer">{{ config.issuer }}</a> issues and revokes</dd>
        <dt>This page</dt><dd>obtains, holds, attaches and renews</dd>
        <dt>API</dt><dd><code>{{ config.apiUrl }}</code> verifies</dd>
        <dt>Audience</dt><dd><code>{{ config.audience }}</code></dd>
      </dl>
    </section>
  `,
})
export class Home {
  protected readonly signIn = inject(SignIn)
  protected readonly config = inject(RUNTIME_CONFIG)
  readonly #oidc = inject(OidcSecurityService)
  protected readonly person = computed(() => this.#oidc.userData().userData)
}
