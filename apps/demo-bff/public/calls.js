/** Every answer this page received, as text, for the search in holdings.js. */
export const answers = []

const reasons = {
  200: 'OK',
  204: 'No Content',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** One call to our own origin. The header is what a foreign page cannot send; the cookie goes along by itself. */
export async function call(path, init = {}) {
  try {
    const response = await fetch(path, { ...init, headers: { 'X-CSRF': '1', ...init.headers } })
    const text = await response.text()
    answers.push(`${[...response.headers].map((pair) => pair.join(': ')).join('\n')}\n\n${text}`)
    return { status: response.status, body: readJson(text) }
  } catch {
    return { status: 0, body: { detail: 'The server could not be reached. Check that it runs, then try again.' } }
  } finally {
    document.dispatchEvent(new Event('answered'))
  }
}

/** `200 OK`; what a person should read for a status. */
export function statusLine(status) {
  if (status === 0) return 'no answer'
  return reasons[status] === undefined ? String(status) : `${status} ${reasons[status]}`
}

function readJson(text) {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
