declare global {
  interface Window {
    /** For each time the page was shown: whether the browser had kept it. */
    shown: boolean[]
  }
}

window.shown = []
addEventListener('pageshow', ({ persisted }) => window.shown.push(persisted))

export {}
