import { html } from 'hono/html'
import type { AccountTexts } from './texts/texts.ts'

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'password' | 'email'
  readonly error: string | undefined
  readonly attributes: unknown
  readonly hint?: string
  readonly optional?: boolean
}

/** A label, what is wrong with the field, and the field; a password can be shown. */
export function field({ name, label, type, error, attributes, hint, optional }: Field, texts: AccountTexts) {
  const describedBy = [
    ...(error === undefined ? [] : [`${name}-error`]),
    ...(hint === undefined ? [] : [`${name}-hint`]),
  ].join(' ')
  const described = describedBy === '' ? null : html` aria-describedby="${describedBy}"`
  const invalid = error === undefined ? null : html` aria-invalid="true"`
  const required = optional === true ? null : html` required`
  const input = html`<input id="${name}" name="${name}" type="${type}"${required} ${attributes}${invalid}${described}>`
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint === undefined ? null : html`<p class="hint" id="${name}-hint">${hint}</p>`}
${error === undefined ? null : html`<p class="error" id="${name}-error">${error}</p>`}
${type === 'password' ? html`<div class="with-button">${input}${reveal(name, texts)}</div>` : input}
</div>`
}

/** Hidden until the page's script, which works it, shows it. */
function reveal(name: string, { show, hide, showPassword }: AccountTexts) {
  return html`<button type="button" hidden data-reveals="${name}" data-hide="${hide}" aria-pressed="false" aria-label="${showPassword}">${show}</button>`
}

/** What was wrong, with a link to each field; `autofocus` moves the focus without a script. */
export function summary(text: string, faults: readonly (readonly [name: string, says: string | undefined])[]) {
  const links = faults.filter(([, says]) => says !== undefined)
  return html`<div class="notice bad" role="alert" tabindex="-1" autofocus>
<h2>${text}</h2>
${links.length === 0 ? null : html`<ul>${links.map(([name, says]) => html`<li><a href="#${name}">${says}</a></li>`)}</ul>`}
</div>`
}

/** The ways out at the end of a page. */
export function waysOut(
  { cancelAction }: { readonly cancelAction: string | undefined },
  texts: AccountTexts,
  other: { readonly href: string; readonly label: string } | null,
) {
  const cancel =
    cancelAction === undefined
      ? null
      : html`<form class="center" method="post" action="${cancelAction}"><button class="link">${texts.cancel}</button></form>`
  return html`${other === null ? null : html`<p class="center"><a href="${other.href}">${other.label}</a></p>`}${cancel}`
}
