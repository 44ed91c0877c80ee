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
.table.sticky { overflow: clip; }
.table.sticky thead th { z-index: 1; box-shadow: 0 1px 0 var(--line); }
.table .name { display: grid; gap: 2px; justify-items: start; min-width: 0; }
.table .name a { font-weight: 600; font-size: var(--size-3); overflow-wrap: anywhere; }
.table code { overflow-wrap: anywhere; }
.table td { overflow-wrap: anywhere; }
.table td.when { white-space: nowrap; }
.form { max-width: 720px; }
.form fieldset.group { display: grid; gap: var(--space-4); padding: var(--space-6); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.form fieldset.group > legend { float: left; width: 100%; padding: 0; font-size: var(--size-4); font-weight: 650; }
.form fieldset.group > legend + * { clear: both; }
.choices { display: grid; }
.choices .choice, .choice-line .choice { align-items: flex-start; padding: 10px 0; min-height: 44px; }
.choices .choice input, .choice-line .choice input { margin-top: 2px; }
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
  .panel .facts { grid-template-columns: 200px minmax(0, 1fr); }
}
@media (max-width: 639px) {
  .panel, .form fieldset.group { padding: var(--space-4); }
  .table.sticky { overflow: visible; }
  .table.cards :is(td, th).name-cell { display: block; text-align: left; }
  .table.cards th[data-label]::before { content: none; }
  .table.cards .lines { justify-items: end; }
  .actions > * { flex: 1 1 100%; }
}
`.trim()

export const adminStylesheet = { name: `admin-${sha256(content).slice(0, 12)}.css`, content }
