import { provideHttpClient, withInterceptors } from '@angular/common/http'
import {
  type ApplicationConfig,
  type EnvironmentProviders,
  inject,
  provideBrowserGlobalErrorListeners,
} from '@angular/core'
import { provideRouter, TitleStrategy, withNavigationErrorHandler } from '@angular/router'
import { authInterceptor, provideAuth, provideLatchkey, withAppInitializerAuthCheck } from '@latchkey/angular'
import { bffMode } from '@latchkey/browser/bff'
import { popup } from '@latchkey/browser/popup'
import type { RuntimeConfig } from '@latchkey-apps/demo-spa/runtime-config'
import { routes } from './app.routes.ts'
import { DemoTitle } from './demo-title.ts'
import { RUNTIME_CONFIG } from './runtime-config.ts'
import { SignIn } from './sign-in.ts'

export function appConfig(config: RuntimeConfig): ApplicationConfig {
  return {
    providers: [
      provideBrowserGlobalErrorListeners(),
      { provide: RUNTIME_CONFIG, useValue: config },
      { provide: TitleStrategy, useClass: DemoTitle },
      provideRouter(
        routes,
        withNavigationErrorHandler(({ error }) => inject(SignIn).tell(error)),
      ),
      provideHttpClient(withInterceptors([authInterceptor()])),
      config.mode === 'bff' ? tokensOnTheServer() : tokensInThisPage(config),
    ],
  }
}

function tokensInThisPage(config: RuntimeConfig): EnvironmentProviders {
  const { origin } = window.location
  return provideAuth(
    {
      config: {
        authority: config.issuer,
        clientId: config.clientId,
        redirectUrl: `${origin}/callback`,
        postLogoutRedirectUri: `${origin}/`,
        silentRenewUrl: `${origin}/silent-callback.html`,
        scope: 'openid profile email read:messages',
        secureRoutes: ['/api', `${config.apiUrl}/api`],
        customParamsAuthRequest: { audience: config.audience },
        parts: [popup()],
      },
    },
    withAppInitializerAuthCheck(),
  )
}

/** The same application over a BFF: it knows neither provider nor client, and no page of it changes. */
function tokensOnTheServer(): EnvironmentProviders {
  return provideLatchkey(
    { mode: 'bff', secureRoutes: ['/api'], parts: [bffMode(), popup()] },
    withAppInitializerAuthCheck(),
  )
}
