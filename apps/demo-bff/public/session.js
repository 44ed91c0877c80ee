import { call } from './calls.js'
import { say } from './notice.js'

const tabs = new BroadcastChannel('latchkey-demo-bff')
const find = (id) => document.querySelector(`[data-testid="${id}"]`)
const shownClaims = ['sub', 'email', 'sid', 'bff:session_expires_in']

/** `unknown` until the server has answered once. */
let status = 'unknown'

/** Asks the server who is signed in, and shows it. Watching must not keep the session alive; opening the page does. */
export async function checkSession({ slide = false } = {}) {
  const answer = await call(`/bff/user?format=object${slide ? '' : '&slide=false'}`)
  if (answer.status === 200) show('authenticated', answer.body)
  else if (answer.status === 401) show('anonymous', {})
  else say('bad', answer.body?.detail ?? 'The session could not be checked.', { signIn: false })
}

/** Other tabs ask again when this one was opened or is about to sign out; each tab asks when it is looked at. */
export function watchSession() {
  tabs.addEventListener('message', ({ data }) => {
    checkSession()
    // Signing out takes a moment on the server: look again until it is done.
    if (data === 'leaving') for (const seconds of [1, 2, 4]) setTimeout(checkSession, seconds * 1000)
  })
  tabs.postMessage('opened')
  find('logout').addEventListener('click', () => tabs.postMessage('leaving'))
  addEventListener('focus', () => checkSession())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkSession()
  })
  setInterval(() => {
    if (document.visibilityState === 'visible') checkSession()
  }, 60_000)
}

function show(next, user) {
  if (status === 'authenticated' && next === 'anonymous') {
    say('', 'You are signed out: in another tab, or because the session has ended.', { signIn: true })
  }
  if (next === 'authenticated' && status !== 'authenticated') say('', null)
  status = next
  for (const element of document.querySelectorAll('[data-when]')) element.hidden = element.dataset.when !== next
  const signedIn = next === 'authenticated'
  find('login').hidden = signedIn
  find('logout').hidden = !signedIn
  find('user-name').hidden = !signedIn
  find('user-name').textContent = user.name ?? user.preferred_username ?? user.email ?? user.sub ?? ''
  if (signedIn) find('logout').href = user['bff:logout_url']
  document.querySelector('[data-claims]').replaceChildren(...shownClaims.flatMap((name) => fact(name, user[name])))
}

function fact(name, value) {
  if (value === undefined) return []
  const term = document.createElement('dt')
  term.textContent = name === 'bff:session_expires_in' ? 'Session ends unless used' : name
  const text = document.createElement('dd')
  text.textContent = name === 'bff:session_expires_in' ? `in ${Math.round(value / 60)} minutes` : String(value)
  return [term, text]
}
