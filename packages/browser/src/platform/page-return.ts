import { openTabStorage } from './tab-storage.ts'

const noteOf = (name: string) => `latchkey:left-for:${name}`
const notes = () => (typeof window === 'undefined' ? null : openTabStorage(() => window.sessionStorage))

/**
 * Notes that this page is about to be left, and runs `task` when the browser, having kept the page, shows this very one again,
 * as by the back button. Once; on a server never. @spec HTML §7.4.6.3 (pageshow)
 */
export function whenShownAgain(name: string, task: () => void): void {
  if (typeof window === 'undefined') return
  notes()?.setItem(noteOf(name), '')
  const shown = ({ persisted }: PageTransitionEvent) => {
    // The event of the first loading may still be to come.
    if (!persisted) return
    window.removeEventListener('pageshow', shown)
    notes()?.removeItem(noteOf(name))
    task()
  }
  window.addEventListener('pageshow', shown)
}

/**
 * Whether this page was loaded afresh by going back or forward in the tab to where one like it noted that it is left; where
 * the browser keeps no page, that is all there is to know. The note counts once, and only for the very next page.
 * @spec Navigation Timing §4.5 (NavigationTimingType)
 */
export function isLoadedAgain(name: string): boolean {
  const kept = notes()
  if (kept === null || kept.getItem(noteOf(name)) === null) return false
  kept.removeItem(noteOf(name))
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.type === 'back_forward'
}

/**
 * Has this page never shown again as it was left once `isOver`: it is hidden when it is left, and loaded afresh when the
 * browser brings it back. On a server nothing. @spec HTML §7.4.6.3 (pageshow)
 */
export function neverShowAgain(isOver: () => boolean): void {
  if (typeof window === 'undefined') return
  window.addEventListener('pagehide', () => {
    if (isOver()) document.documentElement.style.setProperty('display', 'none', 'important')
  })
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && isOver()) window.location.reload()
  })
}
