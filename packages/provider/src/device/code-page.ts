import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import { type Locale, textsOf } from '../pages/texts/index.ts'

export interface CodeProblem {
  readonly summary: string
  readonly status: number
}

/** Where people type what their device shows; a link that holds the code fills it in, and they still confirm it. */
export function codePage(options: {
  readonly userCode: string
  readonly action: string
  readonly problem: CodeProblem | null
  readonly basePath: string
  readonly locale: Locale
}): Response {
  const { userCode, action, problem, locale } = options
  const words = textsOf(locale).device
  const invalid = problem === null ? null : html` aria-invalid="true" aria-describedby="problem"`
  return page({
    title: problem === null ? words.title : words.errorTitle,
    status: problem?.status ?? 200,
    basePath: options.basePath,
    locale,
    body: html`<div class="stack loose">
<div class="stack tight">
<h1>${words.title}</h1>
<p class="lead">${userCode === '' ? words.enter : words.check}</p>
</div>
${problem === null ? null : html`<div class="notice bad" role="alert" id="problem" tabindex="-1" autofocus><h2>${problem.summary}</h2></div>`}
<form class="stack" method="post" action="${action}" novalidate>
<div class="field">
<label for="user_code">${words.code}</label>
<input id="user_code" name="user_code" type="text" required value="${userCode}" placeholder="XXXX-XXXX" maxlength="40" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false"${invalid}>
</div>
<button class="primary full">${words.button}</button>
</form>
</div>`,
  })
}
