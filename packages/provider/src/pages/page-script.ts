/**
 * Sends on or hands over a page that only passes an answer along, shows and hides a password, and stops a second click.
 * In the words of ECMAScript 5: an engine that cannot read one line of a script runs none of it, and old ones exist.
 */
export const pageScript = `(function () {
  'use strict'
  var each = function (selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), function (element) { act(element) })
  }
  var passing = document.querySelector('form[data-sends-itself]')
  if (passing !== null) passing.submit()
  var answer = document.querySelector('[data-message]')
  if (answer !== null) {
    var receiver = window.opener || (window.parent === window ? null : window.parent)
    if (receiver !== null) receiver.postMessage(JSON.parse(answer.getAttribute('data-message')), answer.getAttribute('data-message-to'))
    if (window.opener) window.close()
  }
  each('button[data-reveals]', function (button) {
    var input = document.getElementById(button.getAttribute('data-reveals'))
    var show = button.textContent
    var hide = button.getAttribute('data-hide')
    button.hidden = false
    button.addEventListener('click', function () {
      var revealed = input.type === 'password'
      input.type = revealed ? 'text' : 'password'
      button.textContent = revealed ? hide : show
      button.setAttribute('aria-pressed', String(revealed))
      input.focus()
    })
    if (button.form) button.form.addEventListener('submit', function () { input.type = 'password' })
  })
  document.addEventListener('submit', function (event) {
    if (event.target.hasAttribute('data-sent')) event.preventDefault()
    event.target.setAttribute('data-sent', '')
  })
  window.addEventListener('pageshow', function () {
    each('form[data-sent]', function (form) { form.removeAttribute('data-sent') })
  })
  window.addEventListener('load', function () {
    var onward = document.querySelector('a[data-after-frames]')
    if (onward !== null) window.location.replace(onward.href)
  })
})()
`
