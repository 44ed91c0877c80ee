/** Type, links, focus and motion. */
export const base = `
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  background: var(--page);
  color: var(--text);
  font: 400 var(--size-3) / 1.5 var(--font);
  overflow-wrap: break-word;
}
h1, h2, h3, p, ul, ol, dl, dd, figure, fieldset { margin: 0; padding: 0; }
fieldset { border: 0; min-width: 0; }
h1 { font-size: var(--size-4); line-height: 1.3; font-weight: 650; letter-spacing: -0.011em; text-wrap: balance; }
h2 { font-size: var(--size-3); line-height: 1.4; font-weight: 650; }
h3 { font-size: var(--size-2); line-height: 1.4; font-weight: 650; }
p { max-width: 68ch; text-wrap: pretty; }
ul, ol { padding-left: 1.25em; }
strong { font-weight: 650; }
small, .small { font-size: var(--size-1); line-height: 1.45; }
h1 .asking { display: block; color: var(--brand); overflow-wrap: anywhere; }
.center { text-align: center; }
.muted { color: var(--muted); }
.good { color: var(--good); }
.warn { color: var(--warn); }
.bad { color: var(--bad); }
.number { font-variant-numeric: tabular-nums; }
code, kbd, samp, pre, .mono { font-family: var(--mono); font-size: 0.875em; font-variant-numeric: tabular-nums; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { margin: 0; padding: var(--space-3) var(--space-4); overflow-x: auto; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius-control); }
a { color: var(--brand); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
a:hover { color: var(--brand-strong); text-decoration-thickness: 2px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 0; }
svg { display: block; flex: none; }
img { max-width: 100%; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--brand); outline-offset: 2px; border-radius: 4px; }
::selection { background: var(--brand); color: var(--on-brand); }
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: var(--space-4); top: -64px; z-index: 2; padding: var(--space-2) var(--space-4); background: var(--surface); border-radius: var(--radius-control); }
.skip:focus { top: var(--space-4); }
@media (prefers-reduced-motion: no-preference) {
  a, button, .button, input, select, textarea { transition: background-color 120ms, border-color 120ms, color 120ms, box-shadow 120ms; }
}
`
