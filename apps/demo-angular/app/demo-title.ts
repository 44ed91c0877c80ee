import { Injectable, inject } from '@angular/core'
import { Title } from '@angular/platform-browser'
import { type RouterStateSnapshot, TitleStrategy } from '@angular/router'

/** `Page · Latchkey Angular demo`. */
@Injectable({ providedIn: 'root' })
export class DemoTitle extends TitleStrategy {
  readonly #title = inject(Title)

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const page = this.buildTitle(snapshot)
    this.#title.setTitle(page === undefined ? 'Latchkey Angular demo' : `${page} · Latchkey Angular demo`)
  }
}
