import 'zone.js'
import { AsyncPipe, JsonPipe } from '@angular/common'
import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http'
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { provideRouter, RouterLink, RouterOutlet } from '@angular/router'
import {
  authInterceptor,
  autoLoginPartialRoutesGuard,
  injectAuth,
  OidcSecurityService,
  provideAuth,
  withAppInitializerAuthCheck,
} from '@latchkey/angular'

@Component({
  standalone: true,
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [JsonPipe],
  template: `
    <h1>Profile</h1>
    <button type="button" id="ask" (click)="ask()">Ask the provider</button>
    <pre id="answer">{{ answer() | json }}</pre>
  `,
})
export class Profile {
  readonly #http = inject(HttpClient)
  readonly answer = signal<unknown>(null)

  ask(): void {
    this.#http.get('/config.json').subscribe(({ issuer }: { issuer?: string }) => {
      this.#http.get(`${issuer}/userinfo`).subscribe((answer) => this.answer.set(answer))
    })
  }
}

@Component({ standalone: true, template: '<h1>Home</h1>' })
export class Home {}

@Component({
  selector: 'app-root',
  standalone: true,
  imports: [AsyncPipe, RouterLink, RouterOutlet],
  template: `
    <p id="name">{{ name() }}</p>
    <p id="authenticated">{{ (oidc.isAuthenticated$ | async)?.isAuthenticated }}</p>
    <a routerLink="/profile">Profile</a>
    <button type="button" id="logout" (click)="oidc.logoff().subscribe()">Log out</button>
    <router-outlet />
  `,
})
export class App {
  readonly oidc = inject(OidcSecurityService)
  readonly #auth = injectAuth()
  readonly name = computed(() => String(this.#auth.claims()?.name ?? 'nobody'))
}

fetch('/config.json')
  .then((answer) => answer.json())
  .then(({ issuer }: { issuer: string }) =>
    bootstrapApplication(App, {
      providers: [
        provideRouter([
          { path: '', pathMatch: 'full', component: Home },
          { path: 'profile', component: Profile, canActivate: [autoLoginPartialRoutesGuard] },
        ]),
        provideHttpClient(withInterceptors([authInterceptor()])),
        provideAuth(
          {
            config: {
              authority: issuer,
              clientId: 'angular-17',
              redirectUrl: `${location.origin}/`,
              scope: 'openid profile',
              secureRoutes: [`${issuer}/userinfo`],
            },
          },
          withAppInitializerAuthCheck(),
        ),
      ],
    }),
  )
  .catch(console.error)
