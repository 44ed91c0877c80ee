/** The frame of a page, its card, and what is stacked inside. */
export const layout = `
.frame { min-height: 100vh; min-height: 100dvh; display: grid; grid-template-rows: auto 1fr auto; }
.masthead { padding: var(--space-4) var(--space-4) 0; }
.brand svg { width: 28px; height: 28px; }
.brand { display: inline-flex; align-items: center; gap: var(--space-2); min-height: 44px; color: var(--brand); font-size: 1.125rem; font-weight: 650; letter-spacing: -0.01em; text-decoration: none; }
.brand span { color: var(--text); }
.frame > main { width: 100%; min-width: 0; padding: var(--space-6) var(--space-4) var(--space-8); }
.frame.narrow > .masthead { display: flex; justify-content: center; padding-top: var(--space-6); }
.frame.narrow > main { display: grid; justify-items: center; align-content: start; padding-top: var(--space-4); }
.colophon { padding: 0 var(--space-4) var(--space-6); color: var(--muted); font-size: var(--size-1); text-align: center; }
.colophon nav, .colophon ul { display: flex; flex-wrap: wrap; justify-content: center; column-gap: var(--space-3); margin: 0; padding: 0; list-style: none; }
.colophon li a { display: inline-flex; align-items: center; min-height: 44px; text-decoration: underline; text-underline-offset: 3px; }
.colophon p { display: inline-flex; align-items: center; min-height: 44px; margin: 0; overflow-wrap: anywhere; }
.logo { width: 48px; height: 48px; object-fit: contain; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 4px; }
.card > .logo { display: block; margin-bottom: var(--space-4); }
.card { width: 100%; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); padding: var(--space-6); }
.frame.narrow .card { max-width: 400px; padding: var(--space-6) var(--space-6) var(--space-6); box-shadow: var(--shadow); }
.stack { display: grid; gap: var(--space-4); grid-template-columns: minmax(0, 1fr); }
.stack.tight { gap: var(--space-2); }
.stack.loose { gap: var(--space-6); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-3); }
.row.between { justify-content: space-between; }
.lead { color: var(--muted); }
.frame.wide > .masthead { border-bottom: 1px solid var(--line); background: var(--surface); padding: var(--space-2) max(var(--space-6), calc((100% - 1120px) / 2 + var(--space-6))); }
.frame.wide > main { max-width: 1120px; margin: 0 auto; padding: var(--space-8) var(--space-6) var(--space-12); }
.frame.wide h1 { font-size: var(--size-5); line-height: 1.2; letter-spacing: -0.018em; }
.frame.wide h2:not(.notice h2) { font-size: var(--size-4); }
.grid { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); }
@media (min-width: 640px) {
  .frame.narrow { align-content: center; grid-template-rows: auto auto; padding-bottom: var(--space-16); }
  .frame.narrow > main { padding-bottom: var(--space-4); }
  .frame.narrow .card { padding: var(--space-8); }
}
/* A small window is the frame: no card within it, and nothing to centre. */
.frame.narrow.popup { align-content: start; padding-bottom: 0; }
.frame.narrow.popup > .masthead { display: none; }
.frame.narrow.popup > main { padding: var(--space-4); }
.frame.narrow.popup .card { max-width: none; padding: 0; background: none; border: 0; box-shadow: none; }
@media (max-width: 639px) {
  .frame.wide > .masthead, .frame.wide > main { padding-left: var(--space-4); padding-right: var(--space-4); }
}
`
