import { ɵɵdefineInjectable } from '@angular/core'

/** What a class carries as `ɵprov`, so that Angular makes one of it for the whole application, without a compiler of Angular's. */
export function inRoot<Service>(token: new () => Service): unknown {
  return ɵɵdefineInjectable({ token, providedIn: 'root', factory: () => new token() })
}
