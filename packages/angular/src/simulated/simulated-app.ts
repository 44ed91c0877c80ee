import { DOCUMENT, LocationStrategy } from '@angular/common'
import { HttpBackend } from '@angular/common/http'
import {
  createEnvironmentInjector,
  type EnvironmentInjector,
  type EnvironmentProviders,
  NgZone,
  type Provider,
  ɵChangeDetectionScheduler,
  ɵConsole,
  ɵINJECTOR_SCOPE,
  ɵNoopNgZone,
} from '@angular/core'
import type { Platform } from '@latchkey/browser'
import { AUTH_PLATFORM } from '../auth-clients.ts'
import { SimulatedBackend } from './simulated-backend.ts'
import { SimulatedLocationStrategy } from './simulated-location-strategy.ts'

/** For tests: Angular's injector over one simulated page, without a DOM; address bar and network are the page's. */
export function openSimulatedApp(
  platform: Platform,
  providers: readonly (Provider | EnvironmentProviders)[],
): EnvironmentInjector {
  const page = {
    location: {
      get href() {
        return platform.page.href()
      },
    },
  }
  return createEnvironmentInjector(
    [
      { provide: ɵINJECTOR_SCOPE, useValue: 'root' },
      { provide: ɵChangeDetectionScheduler, useValue: { notify: () => {}, runningTick: false } },
      { provide: ɵConsole, useClass: ɵConsole, deps: [] },
      { provide: NgZone, useClass: ɵNoopNgZone, deps: [] },
      { provide: DOCUMENT, useValue: page },
      { provide: LocationStrategy, useValue: new SimulatedLocationStrategy(platform.page) },
      { provide: AUTH_PLATFORM, useValue: platform },
      ...providers,
      { provide: HttpBackend, useValue: new SimulatedBackend(platform) },
    ],
    null as unknown as EnvironmentInjector,
  )
}
