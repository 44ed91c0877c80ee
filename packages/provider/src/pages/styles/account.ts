/** The page on which people see what they have allowed. */
export const account = `
.frame.wide.column > main { max-width: 808px; }
.frame.wide.column > .masthead { padding-inline: max(var(--space-6), calc((100% - 808px) / 2 + var(--space-6))); }
.column .who { max-width: none; }
.column .who a { display: inline-flex; align-items: center; min-height: 44px; }
.column h3 { font-size: var(--size-3); overflow-wrap: anywhere; }
.column > main > .stack > section + section { margin-top: var(--space-6); }
.held { grid-template-columns: minmax(0, 1fr) auto; align-items: start; }
.held > * { grid-column: 1 / -1; }
.held > .party { grid-column: 1; }
.held > .button { grid-area: 1 / 2; }
.permissions h4 { margin: 0; font-size: var(--size-1); color: var(--muted); font-weight: 600; }
.rows { list-style: none; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--space-3) var(--space-4); padding: var(--space-4) var(--space-6); }
.rows > li + li { border-top: 1px solid var(--line); }
.rows > li > .stack { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; }
@media (min-width: 640px) {
  .column .permissions li { align-content: start; }
  .column .permissions ul { grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: var(--space-6); }
}
@media (max-width: 639px) {
  .frame.wide.column > .masthead { padding-inline: var(--space-4); }
  .column .card, .rows > li { padding: var(--space-4); }
  .held > .party { grid-column: 1 / -1; }
  .held > .button { grid-area: auto / 1 / auto / -1; min-height: 44px; }
  .rows > li > form { flex: 1 1 100%; }
  .column form button { width: 100%; min-height: 44px; }
}
`
