import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core'
import { AnswerView } from '../api/answer-view.ts'
import { type ApiAnswer, ApiCalls } from '../api/api-calls.ts'
import { RUNTIME_CONFIG } from '../runtime-config.ts'

@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AnswerView],
  template: `
    <section class="stack">
      <h1>Cross-origin</h1>
      <p class="lead">The same API at its own origin. The browser asks it first whether this page may call (CORS); the token goes to exactly this origin and path.</p>
    </section>
    <section class="card stack">
      <h2>Messages</h2>
      <p class="muted">Needs the scope <code>read:messages</code>.</p>
      <p class="row"><button type="button" id="ping" class="primary" data-testid="ping" [disabled]="calling()" (click)="ping()">Read messages</button></p>
      <lk-answer-view [answer]="answer()" [url]="url" />
    </section>
  `,
})
export class CrossOrigin {
  readonly #api = inject(ApiCalls)
  protected readonly url = `${inject(RUNTIME_CONFIG).apiUrl}/api/messages`
  protected readonly answer = signal<ApiAnswer | null>(null)
  protected readonly calling = signal(false)

  protected ping(): void {
    this.calling.set(true)
    this.#api.get(this.url).subscribe((answer) => {
      this.answer.set(answer)
      this.calling.set(false)
    })
  }
}
