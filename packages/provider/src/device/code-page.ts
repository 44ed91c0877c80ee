import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'

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
}): Response {
  const { userCode, action, problem } = options
  const invalid = problem === null ? null : html` aria-invalid="true" aria-describedby="problem"`
  return page({
    title: problem === null ? 'Connect a device' : 'Error: Connect a device',
    status: problem?.status ?? 200,
    basePath: options.basePath,
    body: html`<div class="stack loose">
<div class="stack tight">
<h1>Connect a device</h1>
<p class="lead">${userCode === '' ? 'Enter the code that your device shows.' : 'Check that your device shows exactly this code.'}</p>
</div>
${problem === null ? null : html`<div class="notice bad" role="alert" id="problem" tabindex="-1" autofocus><h2>${problem.summary}</h2></div>`}
<form class="stack" method="post" action="${action}" novalidate>
<div class="field">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" required value="${userCode}" placeholder="XXXX-XXXX" maxlength="40" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false"${invalid}>
</div>
<button class="primary full">Continue</button>
</form>
</div>`,
  })
}
