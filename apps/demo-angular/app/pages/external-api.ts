import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { forkJoin } from 'rxjs'
import { AnswerView } from '../api/answer-view.ts'
import { type ApiAnswer, ApiCalls, statusLine } from '../api/api-calls.ts'

const url = '/api/external'
const parallel = 20

@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AnswerView],
  template: `
    <section class="stack">
      <h1>External API</h1>
      <p class="lead">The API stands behind this origin's <code>/api</code>, so no CORS is needed. It answers only when the token is valid for its audience.</p>
    </section>
    <section class="card stack">
      <h2>One call</h2>
      <p class="row"><button type="button" id="ping" class="primary" data-testid="ping" [disabled]="calling()" (click)="ping()">Ping API</button></p>
      <lk-answer-view [answer]="answer()" [url]="url" />
    </section>
    <section class="card stack">
      <h2>Twenty calls at once</h2>
      <p class="muted">After the token has expired, all of them wait for one and the same renewal.</p>
      <p class="row"><button type="button" data-testid="ping-20" class="secondary" [disabled]="callingMany()" (click)="pingMany()">Send 20 calls in parallel</button></p>
      <p data-testid="ping-20-result" role="status">{{ tally() }}</p>
    </section>
  `,
})
export class ExternalApi {
  readonly #api = inject(ApiCalls)
  protected readonly url = url
  protected readonly answer = signal<ApiAnswer | null>(null)
  protected readonly calling = signal(false)
  protected readonly callingMany = signal(false)
  readonly #answers = signal<readonly ApiAnswer[]>([])

  protected readonly tally = computed(() => {
    const answers = this.#answers()
    if (answers.length === 0) return ''
    const good = answers.filter(({ status }) => status === 200).length
    const others = new Map<string, number>()
    for (const one of answers)
      if (one.status !== 200) others.set(statusLine(one), (others.get(statusLine(one)) ?? 0) + 1)
    const rest = [...others].map(([line, count]) => `, ${count} answered ${line}`).join('')
    return `${good} of ${answers.length} answered 200${rest}`
  })

  protected ping(): void {
    this.calling.set(true)
    this.#api.get(url).subscribe((answer) => {
      this.answer.set(answer)
      this.calling.set(false)
    })
  }

  protected pingMany(): void {
    this.callingMany.set(true)
    this.#answers.set([])
    forkJoin(Array.from({ length: parallel }, () => this.#api.get(url))).subscribe((answers) => {
      this.#answers.set(answers)
      this.callingMany.set(false)
    })
  }
}
