import { LocationStrategy } from '@angular/common'
import type { Page } from '@latchkey/browser'

/** The router's address bar is that of a simulated page, whose history has one entry. */
export class SimulatedLocationStrategy extends LocationStrategy {
  readonly #page: Page

  constructor(page: Page) {
    super()
    this.#page = page
  }

  override path(includeHash = false): string {
    const { pathname, search, hash } = new URL(this.#page.href())
    return pathname + search + (includeHash ? hash : '')
  }

  override prepareExternalUrl(internal: string): string {
    return internal
  }

  override getBaseHref(): string {
    return '/'
  }

  override getState(): unknown {
    return null
  }

  override pushState(_state: unknown, _title: string, url: string, queryParams: string): void {
    this.#page.replaceAddress(queryParams === '' ? url : `${url}?${queryParams}`)
  }

  override replaceState(state: unknown, title: string, url: string, queryParams: string): void {
    this.pushState(state, title, url, queryParams)
  }

  override forward(): void {}
  override back(): void {}
  override onPopState(): void {}
}
