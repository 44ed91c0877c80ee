/** Fields, buttons, notices. */
export const controls = `
label, .label, legend { display: block; font-size: var(--size-2); font-weight: 600; line-height: 1.4; }
.field { display: grid; gap: var(--space-1); grid-template-columns: minmax(0, 1fr); }
.field .hint { color: var(--muted); font-size: var(--size-1); }
.field .error { color: var(--bad); font-size: var(--size-1); font-weight: 500; }
input, select, textarea { font: inherit; color: inherit; }
input:not([type]), input[type="text"], input[type="password"], input[type="email"], input[type="url"], input[type="search"], input[type="number"], input[type="tel"], select, textarea {
  width: 100%;
  min-height: 44px;
  padding: 9px var(--space-3);
  background: var(--surface);
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-control);
}
textarea { min-height: 88px; resize: vertical; line-height: 1.5; }
input::placeholder, textarea::placeholder { color: var(--muted); opacity: 1; }
input:hover, select:hover, textarea:hover { border-color: var(--text); }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 2px; border-radius: var(--radius-control); }
[aria-invalid="true"] { border-color: var(--bad) !important; }
input[type="checkbox"], input[type="radio"] { width: 20px; height: 20px; margin: 0; accent-color: var(--brand); flex: none; }
.choice { display: flex; align-items: center; gap: var(--space-3); min-height: 44px; font-weight: 400; font-size: var(--size-3); }
.with-button { position: relative; }
.with-button > input { padding-right: 72px; }
.with-button > button { position: absolute; inset: 0 0 0 auto; min-width: 64px; border: 0; background: none; color: var(--brand); font: 600 var(--size-2) / 1 var(--font); cursor: pointer; border-radius: var(--radius-control); }
.with-button > button:hover { color: var(--brand-strong); text-decoration: underline; text-underline-offset: 3px; }
.with-button > button:focus-visible { outline-offset: -4px; }
.button, button.primary, button.secondary, button.danger {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: var(--space-2);
  min-height: 44px;
  padding: var(--space-2) var(--space-4);
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-control);
  background: var(--surface);
  color: var(--text);
  font: 600 var(--size-3) / 1.25 var(--font);
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.button:hover, button.secondary:hover { border-color: var(--text); color: var(--text); background: var(--sunken); }
.button.primary, button.primary { background: var(--brand); border-color: var(--brand); color: var(--on-brand); }
.button.primary:hover, button.primary:hover { background: var(--brand-strong); border-color: var(--brand-strong); color: var(--on-brand); }
.button.danger, button.danger { background: var(--surface); border-color: var(--bad); color: var(--bad); }
.button.danger:hover, button.danger:hover { background: var(--bad); color: var(--surface); }
.button:focus-visible, button:focus-visible { border-radius: var(--radius-control); }
.button.small, button.small { min-height: 32px; padding: 4px var(--space-3); font-size: var(--size-2); }
@media (pointer: coarse) { .button.small, button.small { min-height: 44px; } }
button:disabled { opacity: 0.55; cursor: not-allowed; }
button.link { min-height: 44px; padding: 0; border: 0; background: none; color: var(--brand); font: 400 var(--size-2) / 1.5 var(--font); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; cursor: pointer; }
button.link:hover { color: var(--brand-strong); text-decoration-thickness: 2px; }
.full { width: 100%; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: var(--space-3); }
.notice { display: grid; gap: var(--space-1); padding: var(--space-3) var(--space-4); border: 1px solid var(--line); border-left: 3px solid var(--muted); border-radius: var(--radius-control); background: var(--sunken); font-size: var(--size-2); }
.notice.good { border-left-color: var(--good); background: var(--good-tint); color: var(--text); }
.notice.warn { border-left-color: var(--warn); background: var(--warn-tint); color: var(--text); }
.notice.bad { border-left-color: var(--bad); background: var(--bad-tint); color: var(--text); }
.notice h2 { font-size: var(--size-2); }
.notice.bad h2 { color: var(--bad); }
.notice:focus-visible { border-radius: var(--radius-control); }
.badge { display: inline-flex; align-items: center; padding: 1px var(--space-2); border: 1px solid var(--line); border-radius: 999px; background: var(--sunken); color: var(--muted); font-size: var(--size-1); font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-tint); border-color: transparent; }
.badge.warn { color: var(--warn); background: var(--warn-tint); border-color: transparent; }
.badge.bad { color: var(--bad); background: var(--bad-tint); border-color: transparent; }
`
