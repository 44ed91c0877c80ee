import { type Html, html, raw } from './html.ts'
import type { ScopeGroup } from './scope-words.ts'

const tick = raw(
  '<svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="m5 10.5 3.5 3.5L15 7"/></svg>',
)

/** What is asked for or was allowed, group by group; `level` is that of the groups' headings. */
export function permissionList(groups: readonly ScopeGroup[], level: 2 | 4 = 2): Html {
  return html`<div class="permissions">${groups.map(
    ({ name, asks }) =>
      html`<section>${level === 2 ? html`<h2>${name}</h2>` : html`<h4>${name}</h4>`}<ul>${asks.map(
        ({ says, scope }) =>
          html`<li>${tick}<span>${says}</span>${scope === null ? null : html`<code>${scope}</code>`}</li>`,
      )}</ul></section>`,
  )}</div>`
}
