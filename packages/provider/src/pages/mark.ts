import { raw } from './html.ts'

/** The drawing of the mark: a key whose bit meets a latch, in the text's colour, on a square of 24. */
const drawing =
  '<circle cx="7" cy="12" r="4.25"/><path d="M11.25 12H19"/><path d="M15.5 12v3.25"/><path d="M21 5v14"/><path d="M16.5 5H21M16.5 19H21"/>'

const strokes = 'fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

/** The mark as inline SVG; decorative, so that screen readers hear the name beside it alone. */
export const mark = raw(
  `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" stroke="currentColor" ${strokes} aria-hidden="true" focusable="false">${drawing}</svg>`,
)

/** The mark as a file, for the browser's tab: brass on light, paler on dark. */
export const markFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><style>g{stroke:#8a5a00}@media(prefers-color-scheme:dark){g{stroke:#e3b04b}}</style><g ${strokes}>${drawing}</g></svg>`
