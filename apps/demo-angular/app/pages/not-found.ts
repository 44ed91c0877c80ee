import { ChangeDetectionStrategy, Component } from '@angular/core'
import { RouterLink } from '@angular/router'

@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    <section class="stack">
      <h1>There is no such page</h1>
      <p class="lead">The address may be mistyped, or the page has moved.</p>
      <p><a class="button" routerLink="/">To the start</a></p>
    </section>
  `,
})
export class NotFound {}
