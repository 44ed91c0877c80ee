import { chromiumArguments, findChromium } from '../../tools/testing/chromium.ts'

const executablePath = findChromium()

/** What Playwright switches off beside what people's browsers do: calls home. */
const callsHome = ['MediaRouter', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'PreconnectToSearch']

/**
 * Chromium as people have it: with the back-forward cache, with storage and channels kept apart by site, and with its own
 * look at who opens windows. Playwright's usual arguments switch all three off. Of two lists of features the last counts.
 */
export const asPeopleHaveIt = {
  args: [...chromiumArguments, `--disable-features=HttpsUpgrades,${callsHome}`],
  ignoreDefaultArgs: ['--disable-back-forward-cache', '--disable-popup-blocking'],
  ...(executablePath === undefined ? {} : { executablePath }),
}
