/**
 * Runs `task` when the browser shows this very page again after it was left, as by the back button. Once; on a server, and
 * where the page is loaded afresh instead, never. @spec HTML §7.4.6.3 (pageshow)
 */
export function whenShownAgain(task: () => void): void {
  if (typeof window === 'undefined') return
  const shown = ({ persisted }: PageTransitionEvent) => {
    // The event of the first loading may still be to come.
    if (!persisted) return
    window.removeEventListener('pageshow', shown)
    task()
  }
  window.addEventListener('pageshow', shown)
}
