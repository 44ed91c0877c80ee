/** What the start page needs beyond the house's own stylesheet. */
export const startPageStyles = `

.tour-places { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.tour-place { display: grid; gap: var(--space-2); align-content: start; color: var(--text); text-decoration: none; }
.tour-place:hover { border-color: var(--brand); color: var(--text); }
.tour-place strong { color: var(--brand); font-size: var(--size-4); }
.tour-place:hover strong { text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 3px; }
.tour-place code { color: var(--muted); overflow-wrap: anywhere; align-self: end; }
.tour-life { display: grid; gap: var(--space-8); grid-template-columns: minmax(0, 1fr); align-items: start; }
.tour-life figure { max-width: 480px; }
.tour-steps { display: grid; gap: var(--space-3); padding: 0; list-style: none; counter-reset: step; }
.tour-steps li { position: relative; padding-left: 40px; counter-increment: step; }
.tour-steps li::before { content: counter(step); position: absolute; left: 0; top: 0; width: 26px; height: 26px; border-radius: 50%; background: var(--brand); color: var(--on-brand); font: 650 var(--size-2) / 26px var(--font); text-align: center; }
.tour-steps h3 { font-size: var(--size-3); line-height: 26px; }
.tour-steps h3 span { font-size: var(--size-1); font-weight: 400; }
.tour-picture { width: 100%; height: auto; font-family: var(--font); }
.tour-picture rect { fill: var(--sunken); stroke: var(--line-strong); }
.tour-picture text { fill: var(--text); font-size: 14px; }
.tour-picture .name { font-weight: 650; font-size: 16px; }
.tour-picture .says { fill: var(--muted); font-size: 13px; }
.tour-picture .way { fill: none; stroke: var(--muted); stroke-width: 1.5; }
.tour-picture .keys { stroke-dasharray: 4 4; }
.tour-picture .head { fill: var(--muted); }
.tour-picture circle { fill: var(--brand); }
.tour-picture .number { fill: var(--on-brand); font-weight: 650; font-size: 13px; }
@media (min-width: 860px) {
  .tour-life { grid-template-columns: minmax(0, 480px) minmax(0, 1fr); }
}
`
