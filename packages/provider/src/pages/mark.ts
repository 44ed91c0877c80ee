import { raw } from './html.ts'

/** The drawing of the mark: a key in the case of a latch, in the text's colour, on a square of 24. */
const drawing =
  '<path d="M9.5 3.5h8a3 3 0 0 1 3 3v11a3 3 0 0 1-3 3h-8"/><circle cx="6" cy="12" r="3.5"/><path d="M9.5 12H16v3.25M12.75 12v2.25"/>'

const strokes = 'fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

/** The mark as inline SVG; decorative, so that screen readers hear the name beside it alone. */
export const mark = raw(
  `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" stroke="currentColor" ${strokes} aria-hidden="true" focusable="false">${drawing}</svg>`,
)

/** The mark as a file, for the browser's tab: brass on light, paler on dark. */
export const markFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><style>g{stroke:#8a5a00}@media(prefers-color-scheme:dark){g{stroke:#e3b04b}}</style><g ${strokes}>${drawing}</g></svg>`
