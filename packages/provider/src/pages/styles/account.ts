/** The page on which people see what they have allowed. */
export const account = `
.frame.wide.column > main { max-width: 808px; }
.frame.wide.column > .masthead { padding-inline: max(var(--space-6), calc((100% - 808px) / 2 + var(--space-6))); }
.column h3 { font-size: var(--size-3); overflow-wrap: anywhere; }
.permissions h4 { margin: 0; font-size: var(--size-1); color: var(--muted); font-weight: 600; }
.rows { list-style: none; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--space-3) var(--space-4); padding: var(--space-4) var(--space-6); }
.rows > li + li { border-top: 1px solid var(--line); }
.rows > li > .stack { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; }
@media (max-width: 639px) {
  .frame.wide.column > .masthead { padding-inline: var(--space-4); }
  .column .card, .rows > li { padding: var(--space-4); }
  .column .card > .row > .button, .column form button { width: 100%; }
}
`
