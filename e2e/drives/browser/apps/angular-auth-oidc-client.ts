import '@angular/compiler'
import { provideHttpClient } from '@angular/common/http'
import { provideZonelessChangeDetection } from '@angular/core'
import { createApplication } from '@angular/platform-browser'
import { provideRouter } from '@angular/router'
import {
  AbstractSecurityStorage,
  DefaultLocalStorageService,
  LogLevel,
  OidcSecurityService,
  provideAuth,
} from 'angular-auth-oidc-client'
import { firstValueFrom } from 'rxjs'
import { drive } from '../driven-app.ts'

const { issuer } = await (await fetch('/settings.json')).json()
const application = await createApplication({
  providers: [
    provideZonelessChangeDetection(),
    provideHttpClient(),
    provideRouter([]),
    provideAuth({
      config: {
        authority: issuer,
        clientId: 'driven',
        redirectUrl: `${location.origin}/`,
        scope: 'openid profile email',
        responseType: 'code',
        silentRenew: true,
        useRefreshToken: true,
        renewTimeBeforeTokenExpiresInSeconds: 2,
        ignoreNonceAfterRefresh: true,
        customParamsAuthRequest: { resource: 'https://api.example.com' },
        customParamsCodeRequest: { resource: 'https://api.example.com' },
        logLevel: LogLevel.None,
      },
    }),
    { provide: AbstractSecurityStorage, useClass: DefaultLocalStorageService },
  ],
})
const oidc = application.injector.get(OidcSecurityService)

drive({
  start: async () => void (await firstValueFrom(oidc.checkAuth())),
  signIn: async () => oidc.authorize(),
  token: async () => (await firstValueFrom(oidc.getAccessToken())) || null,
  signedIn: () => firstValueFrom(oidc.isAuthenticated()),
})
