/** Lists of facts, permissions and tables. */
export const data = `
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: var(--space-2) var(--space-4); font-size: var(--size-2); }
.facts dt { color: var(--muted); }
.facts dd { overflow-wrap: anywhere; }
.party { display: flex; align-items: flex-start; gap: var(--space-3); }
.party img, .party .initial { width: 48px; height: 48px; flex: none; border-radius: 12px; }
.party img { object-fit: contain; background: var(--surface); border: 1px solid var(--line); padding: 4px; }
.party .initial { display: grid; place-items: center; background: var(--brand-tint); color: var(--brand); font-size: var(--size-4); font-weight: 650; }
.party > div { min-width: 0; }
.party .host { margin-top: var(--space-1); color: var(--muted); font-size: var(--size-2); overflow-wrap: anywhere; }
.permissions { border: 1px solid var(--line); border-radius: var(--radius-control); }
.permissions > section + section { border-top: 1px solid var(--line); }
.permissions > section { display: grid; gap: var(--space-2); padding: var(--space-3) var(--space-4); }
.permissions h2 { font-size: var(--size-1); color: var(--muted); font-weight: 600; }
.permissions ul { list-style: none; padding: 0; display: grid; gap: var(--space-2); }
.permissions li { display: grid; grid-template-columns: 20px minmax(0, 1fr); gap: 0 var(--space-2); font-size: var(--size-2); }
.permissions li svg { margin-top: 1px; color: var(--brand); }
.permissions li code { grid-column: 2; color: var(--muted); font-size: 0.75rem; overflow-wrap: anywhere; }
.who { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 var(--space-3); font-size: var(--size-2); }
.who span { min-width: 0; overflow-wrap: anywhere; }
.table { width: 100%; overflow-x: auto; border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); }
table { width: 100%; border-collapse: collapse; font-size: var(--size-2); }
caption { padding: var(--space-3) var(--space-4); text-align: left; font-weight: 600; }
th, td { padding: var(--space-3) var(--space-4); text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child > td, tbody tr:last-child > th { border-bottom: 0; }
thead th { position: sticky; top: 0; background: var(--surface); color: var(--muted); font-size: var(--size-1); font-weight: 600; white-space: nowrap; }
th.number, td.number { text-align: right; }
tbody tr:hover { background: var(--sunken); }
.empty { display: grid; justify-items: center; gap: var(--space-3); padding: var(--space-12) var(--space-6); text-align: center; color: var(--muted); }
nav ul { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); list-style: none; padding: 0; }
nav a { display: inline-flex; align-items: center; min-height: 44px; text-decoration: none; }
nav a[aria-current="page"] { color: var(--text); font-weight: 650; box-shadow: inset 0 -2px var(--brand); }
@media (max-width: 639px) {
  .table.cards { border: 0; background: none; overflow: visible; }
  .table.cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .table.cards tr { display: grid; gap: var(--space-1); padding: var(--space-4); margin-bottom: var(--space-3); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
  .table.cards :is(td, th) { display: flex; justify-content: space-between; gap: var(--space-4); padding: 0; border: 0; text-align: right; overflow-wrap: anywhere; }
  .table.cards td[data-label]::before { content: attr(data-label); color: var(--muted); text-align: left; flex: none; }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts dd + dt { margin-top: var(--space-2); }
}
@media (forced-colors: active) {
  .button.primary, button.primary { border: 2px solid ButtonText; }
}
@media print { .masthead nav, .colophon, button, .button { display: none; } }
`
