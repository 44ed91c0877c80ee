/** Shows and hides a password, stops a second click, and sends on or hands over a page that only passes an answer along. */
export const pageScript = `for (const button of document.querySelectorAll('button[data-reveals]')) {
  const input = document.getElementById(button.dataset.reveals)
  const [show, hide] = [button.textContent, button.dataset.hide]
  button.hidden = false
  button.addEventListener('click', () => {
    const revealed = input.type === 'password'
    input.type = revealed ? 'text' : 'password'
    button.textContent = revealed ? hide : show
    button.setAttribute('aria-pressed', String(revealed))
    input.focus()
  })
  button.form?.addEventListener('submit', () => {
    input.type = 'password'
  })
}
document.addEventListener('submit', (event) => {
  if (event.target.dataset.sent !== undefined) event.preventDefault()
  event.target.dataset.sent = ''
})
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})
document.querySelector('form[data-sends-itself]')?.submit()
const answer = document.querySelector('[data-message]')
if (answer !== null) {
  const receiver = window.opener ?? (window.parent === window ? null : window.parent)
  receiver?.postMessage(JSON.parse(answer.dataset.message), answer.dataset.messageTo)
  if (window.opener !== null) window.close()
}
addEventListener('load', () => {
  const onward = document.querySelector('a[data-after-frames]')
  if (onward !== null) location.replace(onward.href)
})
`
