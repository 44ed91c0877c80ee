import { DOCUMENT, Location } from '@angular/common'
import { InjectionToken, Injector, inject } from '@angular/core'
import { Router } from '@angular/router'
import { ConfigError } from '@latchkey/browser'

/** Keeps the router with the address bar, which a completed sign-in puts back to where the person was. */
export interface PageAddress {
  /** Runs `work` and takes the router to where it left the address. Throws when `url` is not this page's own address. */
  follow<T>(url: string | undefined, work: () => Promise<T>): Promise<T>
}

export const PAGE_ADDRESS = new InjectionToken<PageAddress>('Latchkey page address', {
  providedIn: 'root',
  factory: () => {
    const page = inject(DOCUMENT, { optional: true })
    const injector = inject(Injector)
    const href = () => page?.location?.href
    return {
      async follow(url, work) {
        const before = href()
        if (url !== undefined && before !== undefined && new URL(url, before).href !== before) {
          throw new ConfigError(['checkAuth(url): only the address of this very page can be completed; leave url out'])
        }
        const result = await work()
        if (href() !== before) {
          await injector.get(Router).navigateByUrl(injector.get(Location).path(true), { replaceUrl: true })
        }
        return result
      },
    }
  },
})
