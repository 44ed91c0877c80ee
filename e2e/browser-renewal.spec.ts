import { renewalDrive } from './drives/browser/renewal-drive.ts'
import { expect, test } from './test.ts'

test('features 22, 23, 26, 27: eight tabs, a slow and lossy provider with strict rotation: nobody is signed out, no token is renewed twice', async ({
  browser,
}) => {
  const result = await renewalDrive(browser, {
    app: 'latchkey',
    tabs: 8,
    seconds: 22,
    accessTokenSeconds: 3,
    delaySeconds: [0.05, 3.5],
    dropOneIn: 3,
    graceSeconds: 30,
  })
  expect(result).toMatchObject({
    reuses: 0,
    refused: 0,
    sentTwice: 0,
    signOuts: 0,
    nothing: 0,
    tabsSignedInAtTheEnd: 8,
  })
  expect(result.requests).toBeGreaterThan(2)
  expect(result.droppedAnswers).toBeGreaterThan(0)
  expect(result.tokens).toBeGreaterThan(20)
})

test('without Web Locks tabs take turns by localStorage: still no token is renewed twice', async ({ browser }) => {
  const result = await renewalDrive(browser, {
    app: 'latchkey',
    tabs: 4,
    seconds: 10,
    accessTokenSeconds: 3,
    delaySeconds: [0.05, 2],
    dropOneIn: Number.POSITIVE_INFINITY,
    graceSeconds: 0,
    withoutWebLocks: true,
  })
  expect(result).toMatchObject({ reuses: 0, refused: 0, sentTwice: 0, signOuts: 0, tabsSignedInAtTheEnd: 4 })
  expect(result.requests).toBeGreaterThan(1)
})
