import { sha256 } from '../crypto.ts'

/** What the admin's pages need beyond the provider's own stylesheet. */
const content = `
.admin-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 var(--space-6); border-bottom: 1px solid var(--line); }
.admin-head .who { gap: 0 var(--space-4); }
.admin-head .who a { display: inline-flex; align-items: center; min-height: 44px; }
.crumbs { font-size: var(--size-2); }
.crumbs a { display: inline-flex; align-items: center; min-height: 32px; }
.search { display: flex; flex-wrap: wrap; gap: var(--space-2); max-width: 560px; }
.search input { flex: 1 1 200px; width: auto; }
.filters { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; }
.filters .field { flex: 1 1 150px; min-width: 0; }
.filters input[type="date"] { width: 100%; min-width: 0; min-height: 44px; padding: 9px var(--space-3); background: var(--surface); border: 1px solid var(--line-strong); border-radius: var(--radius-control); }
.filters :is(input, select) { height: 44px; }
.filters .row { flex: none; }
.audit .lines, .access .lines { display: grid; gap: 2px; overflow-wrap: anywhere; }
.row > h1 { min-width: 0; overflow-wrap: anywhere; }
.table.sticky { overflow: clip; }
.table.sticky thead th { z-index: 1; box-shadow: 0 1px 0 var(--line); }
.table .name { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2px; }
.table .name > * { justify-self: start; max-width: 100%; overflow-wrap: anywhere; }
.table .name a { font-weight: 600; font-size: var(--size-3); overflow-wrap: anywhere; }
.table .name :is(code, .muted) { font-weight: 400; }
.table .type code { white-space: nowrap; }
.table td { overflow-wrap: anywhere; }
.table td.when { white-space: nowrap; }
.form, .notice { max-width: 720px; }
.form fieldset.group { display: grid; gap: var(--space-4); padding: var(--space-6); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.form fieldset.group > legend { float: left; width: 100%; padding: 0; font-size: var(--size-4); font-weight: 650; }
.form fieldset.group > legend + * { clear: both; }
.choices { display: grid; }
.form .choice { align-items: flex-start; padding: 10px 0; min-height: 44px; }
.form .choice input { margin-top: 2px; }
.form .field > legend { padding: 0; }
.form .field.switch { gap: 0; }
.choice > span { display: grid; gap: 2px; min-width: 0; overflow-wrap: anywhere; }
.choice .hint { font-size: var(--size-1); color: var(--muted); }
.field > textarea, input.code { font-family: var(--mono); font-size: var(--size-2); }
.secret { display: block; padding: var(--space-4); background: var(--sunken); border: 1px solid var(--line-strong); border-radius: var(--radius-control); font-size: var(--size-3); overflow-wrap: anywhere; user-select: all; }
.panel { padding: var(--space-6); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); max-width: 720px; }
.facts .lines, .changes .lines { display: grid; gap: 2px; }
.changes del { color: var(--bad); text-decoration-thickness: 1px; }
.changes ins { color: var(--good); text-decoration: none; font-weight: 600; }
.notice ul { margin: 0; }
.notice a { color: inherit; }
@media (min-width: 640px) {
  .clients table { table-layout: fixed; }
  .clients th:nth-child(1) { width: 38%; }
  .clients th:nth-child(2) { width: 19%; }
  .clients th:nth-child(4) { width: 15%; }
  .audit table { table-layout: fixed; }
  .audit th:nth-child(1) { width: 21%; }
  .audit th:nth-child(2) { width: 14%; }
  .audit th:nth-child(3) { width: 16%; }
  .audit th:nth-child(4) { width: 18%; }
  .access table { table-layout: fixed; }
  .access th:nth-child(1) { width: 28%; }
  .access th:nth-child(5) { width: 190px; }
  .access.browsers th:nth-child(2), .access.browsers th:nth-child(3) { width: 15%; }
  .access.applications th:nth-child(3), .access.applications th:nth-child(4) { width: 13%; }
  .access td.act { text-align: right; white-space: nowrap; }
  .panel .facts { grid-template-columns: 200px minmax(0, 1fr); }
}
@media (max-width: 639px) {
  .panel, .form fieldset.group { padding: var(--space-4); }
  .table.sticky { overflow: visible; }
  .table.cards :is(td, th).name-cell { display: block; text-align: left; }
  .table.cards th[data-label]::before { content: none; }
  .table.cards .lines { justify-items: end; }
  .audit .name { justify-items: start; }
  .access .act > form, .access .act .button, .access .act button { width: 100%; }
  .actions > * { flex: 1 1 100%; }
}
`.trim()

export const adminStylesheet = { name: `admin-${sha256(content).slice(0, 12)}.css`, content }
