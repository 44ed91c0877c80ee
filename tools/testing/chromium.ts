import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The Chromium of this machine, or undefined; CHROMIUM_PATH names another. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM_PATH, ...places].find(
    (place) => place !== undefined && place !== '' && existsSync(place),
  )
}

/** What keeps a headless Chromium from calling home, and lets it run in a container. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
