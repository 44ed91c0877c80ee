import { type Auth, type AuthConfig, createAuth, ProtocolError } from '@latchkey/browser'
import { dpop } from '@latchkey/browser/dpop'
import { frontChannelLogout } from '@latchkey/browser/front-channel'
import { keepInIndexedDb } from '@latchkey/browser/indexed-db'
import { pushedAuthorization } from '@latchkey/browser/par'
import { popup } from '@latchkey/browser/popup'
import { sessionMonitor } from '@latchkey/browser/session-monitor'
import { idTokenSignatures } from '@latchkey/browser/signatures'
import { silentSignIn } from '@latchkey/browser/silent'
import { tokensInWorker } from '@latchkey/browser/worker'
import './shown.ts'

declare global {
  interface Window {
    auth: Auth
    started: Promise<unknown>
    events: string[]
  }
}

/** A page that demands Trusted Types names the one address that a worker may come from. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }
  return (
    trustedTypes?.createPolicy('worker', { createScriptURL: (address: string) => address }).createScriptURL(url) ?? url
  )
}

interface Policy {
  createScriptURL(url: string): string
}

/** Which parts a page has is said in its address and remembered for the way back. */
const asked = new URLSearchParams(location.search).get('parts') ?? sessionStorage.getItem('parts') ?? ''
sessionStorage.setItem('parts', asked)
const chosen = asked.split(',')
const has = (name: string) => chosen.includes(name)
const settings: Partial<AuthConfig> & { issuer: string } = await (await fetch('/settings.json')).json()

window.auth = createAuth({
  clientId: 'spa',
  secureRoutes: ['/api'],
  ...settings,
  parts: [
    silentSignIn(),
    idTokenSignatures(),
    popup(),
    ...(has('par') ? [pushedAuthorization()] : []),
    ...(has('dpop') ? [dpop()] : []),
    ...(has('indexed-db') ? [keepInIndexedDb()] : []),
    ...(has('monitor') ? [sessionMonitor({ everySeconds: 1 })] : []),
    ...(has('front-channel') ? [frontChannelLogout()] : []),
    ...(has('worker')
      ? [
          tokensInWorker(() => new Worker(trusted('/worker.js'), { type: 'module' }), {
            dpop: has('worker-dpop'),
            expose: has('worker-fetch') ? 'fetch' : 'access-token',
          }),
        ]
      : []),
  ],
})
window.events = []
window.auth.onEvent((event) => window.events.push(event.type))
window.started = window.auth.start().catch((error: unknown) => String(error))
function signInWithPopup(): void {
  window.auth.signInWithPopup().catch((error: unknown) => {
    // In the address, where it is seen without a script: one that a test runs counts as the person's gesture.
    location.hash = error instanceof ProtocolError ? error.code : String(error)
  })
}
document.querySelector('#popup')?.addEventListener('click', signInWithPopup)
if (has('popup-unasked')) {
  // What the test runner does in a page counts as a gesture, and a gesture is good for one window.
  window.open('about:blank')?.close()
  signInWithPopup()
}
