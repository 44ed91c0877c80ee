/**
 * Eight tabs, 10-second tokens, a token endpoint that takes 0.1 to 12 seconds and loses 5 % of its answers, rotation with
 * reuse detection. Prints what came of it and fails when a session was lost or a token renewed twice.
 *
 *   npm run drive:browser -- [seconds] [latchkey | oidc-client-ts | angular-auth-oidc-client]
 */
import { chromium } from '@playwright/test'
import { chromiumArguments, findChromium } from '../../tools/testing/chromium.ts'
import { type DrivenAppName, drivenApps } from './browser/app-server.ts'
import { renewalDrive } from './browser/renewal-drive.ts'

const [seconds = '600', asked = 'latchkey'] = process.argv.slice(2)
const app = drivenApps.find((name) => name === asked) satisfies DrivenAppName | undefined
const executablePath = findChromium()
if (app === undefined || executablePath === undefined) {
  console.error(app === undefined ? `${asked} is not one of ${drivenApps.join(', ')}` : 'Chromium is missing')
  process.exit(2)
}
const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] })
try {
  const result = await renewalDrive(browser, {
    app,
    tabs: 8,
    seconds: Number(seconds),
    accessTokenSeconds: 10,
    delaySeconds: [0.1, 12],
    dropOneIn: 20,
    graceSeconds: 30,
  })
  console.log(JSON.stringify(result, null, 2))
  const { reuses, signOuts, sentTwice, tabsSignedInAtTheEnd, tabs } = result
  process.exitCode = reuses === 0 && signOuts === 0 && sentTwice === 0 && tabsSignedInAtTheEnd === tabs ? 0 : 1
} finally {
  await browser.close()
}
