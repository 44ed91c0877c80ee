/** Answers `client_id session_state` with `unchanged`, `changed` or `error`. @spec Session Management §3.2 */
export const checkSessionScript = `const cookieName = document.documentElement.dataset.cookie
function browserState() {
  for (const pair of document.cookie.split('; ')) {
    const equals = pair.indexOf('=')
    if (pair.slice(0, equals) === cookieName) return pair.slice(equals + 1)
  }
  return ''
}
async function judge(message, origin) {
  const match = typeof message === 'string' ? /^(.+) ([^ .]+)\\.([^ .]+)$/.exec(message) : null
  if (match === null) return 'error'
  const [, clientId, hash, salt] = match
  const text = new TextEncoder().encode([clientId, origin, browserState(), salt].join(' '))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  const actual = btoa(String.fromCharCode(...digest)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return actual === hash ? 'unchanged' : 'changed'
}
addEventListener('message', async (event) => {
  if (event.source === null || event.source === window) return
  const answer = await judge(event.data, event.origin).catch(() => 'error')
  event.source.postMessage(answer, event.origin)
})
`
