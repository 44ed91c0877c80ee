import { JsonPipe } from '@angular/common'
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core'
import { type ApiAnswer, statusLine } from './api-calls.ts'

/** One answer of the API: its status and its JSON. */
@Component({
  selector: 'lk-answer-view',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [JsonPipe],
  template: `
    <div aria-live="polite">
      @if (answer(); as answer) {
        <div class="stack tight">
          <p class="row">
            <span [class]="'badge ' + tone()" data-testid="ping-status">{{ line() }}</span>
            <code class="muted">GET {{ url() }}</code>
          </p>
          <pre class="wrap" data-testid="ping-result" tabindex="0" role="region" aria-label="The answer's body">{{ answer.body | json }}</pre>
        </div>
      } @else {
        <p class="muted">No answer yet. Send a request to see the status and the JSON here.</p>
      }
    </div>
  `,
})
export class AnswerView {
  readonly answer = input.required<ApiAnswer | null>()
  readonly url = input.required<string>()

  protected readonly tone = computed(() => (this.answer()?.status === 200 ? 'good' : 'bad'))
  protected readonly line = computed(() => {
    const answer = this.answer()
    return answer === null ? '' : statusLine(answer)
  })
}
