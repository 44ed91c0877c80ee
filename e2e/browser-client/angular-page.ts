import '@angular/compiler'
import { Component, provideZonelessChangeDetection } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { provideRouter, RouterLink, RouterOutlet, type Routes, withNavigationErrorHandler } from '@angular/router'
import {
  authGuard,
  autoLoginPartialRoutesGuard,
  injectAuth,
  provideLatchkey,
  withAppInitializerAuthCheck,
} from '@latchkey/angular'
import { silentSignIn } from '@latchkey/browser/silent'
import './shown.ts'

const settings: { issuer: string; clientId: string } = await (await fetch('/settings.json')).json()
document.getElementById('root')?.append(document.createElement('app-root'))

const Public = Component({ selector: 'app-public', template: '<h1>Public</h1>' })(class {})
const Private = Component({ selector: 'app-private', template: '<h1>Private</h1>' })(class {})
const Sorry = Component({
  selector: 'app-sorry',
  template: '<h1>You did not sign in</h1><a routerLink="/private">Try again</a>',
  imports: [RouterLink],
})(class {})

const routes: Routes = [
  { path: '', pathMatch: 'full', component: Public },
  { path: 'private', component: Private, canActivate: [authGuard] },
  { path: 'lazy', component: Private, canMatch: [autoLoginPartialRoutesGuard] },
  { path: 'sorry', component: Sorry },
]

const App = Component({
  selector: 'app-root',
  imports: [RouterOutlet, RouterLink],
  template: `
    @if (auth.claims(); as claims) {
      <p>here is {{ claims['preferred_username'] }} <button (click)="auth.signOut()">Sign out</button> <button (click)="auth.signOut({ where: 'browser' })">Sign out here</button></p>
    } @else {
      <p>nobody</p>
    }
    <a routerLink="/private">Go in</a> <a routerLink="/lazy">Go in lazily</a>
    <router-outlet />
  `,
})(
  class {
    readonly auth = injectAuth()
  },
)

const unauthorizedRoute = sessionStorage.getItem('unauthorized-route') ?? '/sorry'
await bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter(
      routes,
      withNavigationErrorHandler(({ error }) => {
        document.title = String(error)
      }),
    ),
    provideLatchkey({ ...settings, unauthorizedRoute, parts: [silentSignIn()] }, withAppInitializerAuthCheck()),
  ],
})
