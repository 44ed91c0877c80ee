import { answers } from './calls.js'

/** A JWT, an opaque handle of the provider, or a token response's member. */
const tokenShape = /eyJ[\w-]+\.[\w-]+\.[\w-]+|\b[0-9a-f]{11}[\w-]{43}\b|"(access|refresh|id)_token"/

let searched = 0
let tokensInAnswers = 0

/** Looks through everything a script can reach here, and says what it found. */
export function showHoldings() {
  for (; searched < answers.length; searched++) if (tokenShape.test(answers[searched])) tokensInAnswers++
  const places = {
    localStorage: entriesOf(localStorage),
    sessionStorage: entriesOf(sessionStorage),
    cookies: document.cookie.split('; ').filter((pair) => pair !== ''),
  }
  let found = tokensInAnswers
  for (const [place, entries] of Object.entries(places)) {
    const tokens = entries.filter((entry) => tokenShape.test(entry)).length
    found += tokens
    say(
      place,
      entries.length === 0
        ? 'empty'
        : `${count(entries.length, 'entry', 'entries')}, ${count(tokens, 'token', 'tokens')}`,
    )
  }
  say('answers', `${count(answers.length, 'answer', 'answers')}, ${count(tokensInAnswers, 'token', 'tokens')}`)
  const verdict = document.querySelector('[data-verdict]')
  verdict.className = `notice ${found === 0 ? 'good' : 'bad'}`
  verdict.textContent =
    found === 0 ? 'No token anywhere a script can reach.' : `${count(found, 'token', 'tokens')} found.`
}

function entriesOf(storage) {
  return Array.from({ length: storage.length }, (_, index) => {
    const key = storage.key(index)
    return `${key}=${storage.getItem(key)}`
  })
}

function say(place, text) {
  document.querySelector(`[data-place="${place}"]`).textContent = text
}

function count(number, one, many) {
  return `${number === 0 ? 'no' : number} ${number === 1 ? one : many}`
}
