/** Names are the contract with every page of the house; values are tuned as one set. */
export const tokens = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5;
  --surface: #ffffff;
  --sunken: #f1f1ee;
  --line: #e3e3df;
  --line-strong: #8b8d88;
  --text: #1b1c1e;
  --muted: #63666b;
  --brand: #8a5a00;
  --brand-strong: #6f4800;
  --brand-tint: #f8f0e0;
  --on-brand: #ffffff;
  --good: #1d7a46;
  --good-tint: #e8f4ec;
  --warn: #9a5b00;
  --warn-tint: #fbf1e1;
  --bad: #b3261e;
  --bad-tint: #fcedeb;
  --shadow: 0 1px 2px rgb(27 28 30 / 0.05), 0 12px 32px -12px rgb(27 28 30 / 0.14);
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  --size-1: 0.8125rem;
  --size-2: 0.875rem;
  --size-3: 1rem;
  --size-4: 1.25rem;
  --size-5: 1.75rem;
  --size-6: 2.25rem;
  --space-1: 4px;
  --space-2: 8px;
  --space-3: 12px;
  --space-4: 16px;
  --space-6: 24px;
  --space-8: 32px;
  --space-12: 48px;
  --space-16: 64px;
  --radius-control: 8px;
  --radius-card: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111214;
    --surface: #1a1c1f;
    --sunken: #141619;
    --line: #2c2f34;
    --line-strong: #777c84;
    --text: #ececea;
    --muted: #a3a7ad;
    --brand: #e3b04b;
    --brand-strong: #f0c469;
    --brand-tint: #2b2416;
    --on-brand: #201500;
    --good: #5fc98f;
    --good-tint: #14261c;
    --warn: #f0b35a;
    --warn-tint: #2a2114;
    --bad: #ff8a80;
    --bad-tint: #2f1c1b;
    --shadow: 0 1px 2px rgb(0 0 0 / 0.3), 0 16px 40px -12px rgb(0 0 0 / 0.6);
  }
}
`
