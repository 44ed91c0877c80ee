import { call, statusLine } from './calls.js'
import { showHoldings } from './holdings.js'
import { say } from './notice.js'
import { checkSession, watchSession } from './session.js'

const find = (id) => document.querySelector(`[data-testid="${id}"]`)

on('ping', async () => showAnswer('ping', await callApi('/api/external')))
on('ping-server', async () => showAnswer('ping-server', await callApi('/api-local/external')))
on('ping-20', async () => {
  find('ping-20-result').textContent = 'Sending …'
  const answers = await Promise.all(Array.from({ length: 20 }, () => callApi('/api/external')))
  find('ping-20-result').textContent = tally(answers.map(({ status }) => status))
})
on('revoke', async () => {
  const { status, body } = await call('/api-local/revoke', { method: 'POST' })
  if (status === 204) say('warn', 'The access was taken back. The next call to the API will answer 401.')
  else say('bad', body?.detail ?? 'The access could not be taken back.')
})
document.addEventListener('answered', showHoldings)

sayWhyTheProviderSentUsBack()
watchSession()
checkSession({ slide: true })

/** A button that does one thing at a time. */
function on(id, work) {
  const button = find(id)
  button.addEventListener('click', async () => {
    button.disabled = true
    await work()
    button.disabled = false
  })
}

async function callApi(path) {
  const answer = await call(path)
  if (answer.status === 401)
    say('bad', `The API call answered 401: ${answer.body?.detail ?? 'sign in again'}`, { signIn: true })
  if (answer.status === 503) say('warn', `For now the API cannot be called: ${answer.body?.detail ?? 'try again soon'}`)
  return answer
}

function showAnswer(id, { status, body }) {
  const badge = find(`${id}-status`)
  badge.textContent = statusLine(status)
  badge.className = `badge ${status === 200 ? 'good' : 'bad'}`
  badge.parentElement.hidden = false
  find(`${id}-result`).textContent = JSON.stringify(body, null, 2)
  find(`${id}-result`).hidden = false
}

function tally(statuses) {
  const good = statuses.filter((status) => status === 200).length
  const others = [...new Set(statuses.filter((status) => status !== 200))]
  const rest = others.map(
    (other) => `, ${statuses.filter((status) => status === other).length} answered ${statusLine(other)}`,
  )
  return `${good} of ${statuses.length} answered 200${rest.join('')}`
}

function sayWhyTheProviderSentUsBack() {
  const error = new URLSearchParams(location.search).get('bff_error')
  if (error === null) return
  history.replaceState(null, '', location.pathname)
  say('warn', error === 'access_denied' ? 'You did not sign in.' : `The provider did not sign you in: ${error}.`, {
    signIn: true,
  })
}
