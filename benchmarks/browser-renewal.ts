/**
 * What eight tabs do to a session: our client, oidc-client-ts and angular-auth-oidc-client, one after the other, before the
 * same slow and lossy provider with reuse detection. Prints a table; fails nothing.
 *
 *   node --conditions=source benchmarks/browser-renewal.ts [seconds]
 */
import { chromium } from '@playwright/test'
import { drivenApps } from '../e2e/drives/browser/app-server.ts'
import { type RenewalDriveResult, renewalDrive } from '../e2e/drives/browser/renewal-drive.ts'
import { chromiumArguments, findChromium } from '../tools/testing/chromium.ts'

const seconds = Number(process.argv[2] ?? 600)
const executablePath = findChromium()
if (executablePath === undefined) throw new Error('Chromium is missing')

const columns: readonly (readonly [title: string, value: (result: RenewalDriveResult) => number | string])[] = [
  ['refresh requests', ({ requests }) => requests],
  ['answers lost', ({ droppedAnswers }) => droppedAnswers],
  ['tokens sent twice', ({ sentTwice }) => sentTwice],
  ['refused', ({ refused }) => refused],
  ['reuse events', ({ reuses }) => reuses],
  ['sign-outs', ({ signOuts }) => signOuts],
  ['tabs signed in at the end', ({ tabsSignedInAtTheEnd, tabs }) => `${tabsSignedInAtTheEnd} of ${tabs}`],
  ['calls', ({ calls }) => calls],
  ['expired tokens handed out', ({ expired }) => expired],
]
console.log(`8 tabs, ${seconds} s, 10-second tokens, token endpoint 0.1 to 12 s, 5 % of answers lost, grace of 30 s`)
console.log(`| library | ${columns.map(([title]) => title).join(' | ')} |`)
console.log(`|---|${columns.map(() => '---').join('|')}|`)
for (const app of drivenApps) {
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] })
  try {
    const result = await renewalDrive(browser, {
      app,
      tabs: 8,
      seconds,
      accessTokenSeconds: 10,
      delaySeconds: [0.1, 12],
      dropOneIn: 20,
      graceSeconds: 30,
    })
    console.log(`| ${app} | ${columns.map(([, value]) => value(result)).join(' | ')} |`)
  } finally {
    await browser.close()
  }
}
