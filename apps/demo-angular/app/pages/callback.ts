import { ChangeDetectionStrategy, Component, inject } from '@angular/core'
import { RouterLink } from '@angular/router'
import { SignIn } from '../sign-in.ts'

/** Seen only when a sign-in came back without success: otherwise the person is already where they wanted to go. */
@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    <section class="stack">
      <h1>{{ signIn.problem() ? 'You are not signed in' : 'Nothing to do here' }}</h1>
      <p class="lead">{{ signIn.problem() ? 'The sign-in came back without success; the reason stands above.' : 'A sign-in comes back to this address. None is under way.' }}</p>
      <p class="row">
        <button type="button" class="primary" [disabled]="signIn.leaving()" (click)="signIn.signIn('/')">Try again</button>
        <a class="button" routerLink="/">To the start</a>
      </p>
    </section>
  `,
})
export class Callback {
  protected readonly signIn = inject(SignIn)
}
