import { clientMetadataFields } from '@latchkey/protocol'
import type { AdminRequest } from '../admin-request.ts'
import { hiddenFields } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import type { FieldProblems } from './client-draft.ts'
import { type ClientDraft, type FormField, formSections, hints, labels, optionsOf, optionWords } from './fields.ts'

interface ClientForm {
  readonly draft: ClientDraft
  readonly problems?: FieldProblems
  readonly action: string
  /** Where a person goes who changes nothing. */
  readonly cancelHref: string
  readonly hidden?: Readonly<Record<string, string>>
  /** Above the form. */
  readonly notice?: Html
}

/** The form of one client, with what is wrong beside each field and in a summary that takes the focus. */
export function drawClientForm(asked: AdminRequest, form: ClientForm): Html {
  const { draft, action, cancelHref, hidden, notice, problems = new Map() } = form
  const draw = (field: FormField) => drawField(field, { draft, asked, problems: problems.get(field) ?? [] })
  return html`${notice}${summary(problems)}
<form class="form stack loose" method="post" action="${action}">
${hiddenFields(asked, { step: 'review', ...hidden })}
${formSections.map(
  ({ title, fields }) => html`<fieldset class="group"><legend>${title}</legend>${fields.map(draw)}</fieldset>`,
)}
<div class="row actions"><button class="primary">Review</button><a class="button" href="${cancelHref}">Cancel</a></div>
</form>`
}

function summary(problems: FieldProblems): Html | null {
  if (problems.size === 0) return null
  const items = [...problems].flatMap(([field, texts]) =>
    texts.map((text) =>
      field === ''
        ? html`<li>${text}</li>`
        : html`<li><a href="#${field}">${labels[field as FormField]}</a> ${text}</li>`,
    ),
  )
  return html`<div class="notice bad" role="alert" tabindex="-1" autofocus>
<h2>${items.length === 1 ? 'One thing has to be put right' : `${items.length} things have to be put right`}</h2>
<ul>${items}</ul>
</div>`
}

interface Drawing {
  readonly draft: ClientDraft
  readonly asked: AdminRequest
  readonly problems: readonly string[]
}

function drawField(field: FormField, drawing: Drawing): Html {
  const { kind } = clientMetadataFields[field]
  if (kind === 'boolean') return drawSwitch(field, drawing)
  if (kind === 'list' || Array.isArray(kind)) return drawChoices(field, drawing)
  const value = drawing.draft[field]
  const state = describedBy(field, drawing.problems)
  const control =
    kind === 'redirects' || kind === 'lines' || kind === 'jwks'
      ? html`<textarea id="${field}" name="${field}" rows="3" spellcheck="false" autocapitalize="off" ${state}>${value}</textarea>`
      : html`<input id="${field}" name="${field}" ${inputKind(kind)} value="${value}" autocomplete="off" ${state}>`
  return html`<div class="field"><label for="${field}">${labels[field]}</label>${control}${below(field, drawing.problems)}</div>`
}

/** Not type=url: the browser's own check would hide ours and forget what was typed elsewhere. */
function inputKind(kind: unknown): Html {
  if (kind === 'url') return html`type="text" inputmode="url" spellcheck="false" autocapitalize="off"`
  if (kind === 'scope') return html`type="text" class="code" spellcheck="false" autocapitalize="off"`
  return html`type="text"`
}

function drawSwitch(field: FormField, { draft, problems }: Drawing): Html {
  const state = describedBy(field, problems)
  const box = html`<input type="checkbox" id="${field}" name="${field}" ${checked(draft[field] === true)} ${state}>`
  return html`<div class="field switch"><label class="choice" for="${field}">${box}<span><strong>${labels[field]}</strong>${hint(field)}</span></label>${error(field, problems)}</div>`
}

function drawChoices(field: FormField, { draft, asked, problems }: Drawing): Html {
  const { resources } = asked.site
  const chosen = draft[field]
  const single = typeof chosen === 'string'
  const options = optionsOf(field, resources, draft)
  const inputs = options.map((option, index) => {
    const isChosen = single ? chosen === option : Array.isArray(chosen) && chosen.includes(option)
    const name = single
      ? html`type="radio" name="${field}" value="${option}"`
      : html`type="checkbox" name="${field}:${option}"`
    const id = index === 0 ? field : `${field}-${index}`
    return html`<label class="choice"><input id="${id}" ${name} ${checked(isChosen)}>${optionText(option, resources)}</label>`
  })
  const none = options.length === 0 ? html`<p class="hint" id="${field}">None are registered.</p>` : null
  const state = describedBy(field, problems)
  return html`<fieldset class="field" ${state}><legend>${labels[field]}</legend><div class="choices">${inputs}${none}</div>${below(field, problems)}</fieldset>`
}

function optionText(option: string, resources: AdminRequest['site']['resources']): Html {
  const words = resources.find(({ identifier }) => identifier === option)?.name ?? optionWords[option]
  if (words === undefined) return html`<span><code>${option}</code></span>`
  return html`<span>${words} <code class="hint">${option}</code></span>`
}

function checked(isChecked: boolean): Html | null {
  return isChecked ? html`checked` : null
}

function describedBy(field: FormField, problems: readonly string[]): Html {
  return problems.length === 0
    ? html`aria-describedby="${field}-hint"`
    : html`aria-invalid="true" aria-describedby="${field}-error ${field}-hint"`
}

function below(field: FormField, problems: readonly string[]): Html {
  return html`${error(field, problems)}${hint(field)}`
}

function error(field: FormField, problems: readonly string[]): Html | null {
  if (problems.length === 0) return null
  const sentences = problems.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
  return html`<p class="error" id="${field}-error">${sentences.join(' ')}</p>`
}

function hint(field: FormField): Html {
  const text = [clientMetadataFields[field].says, hints[field]].filter((part) => part !== undefined).join(' ')
  return html`<span class="hint" id="${field}-hint">${text}</span>`
}
