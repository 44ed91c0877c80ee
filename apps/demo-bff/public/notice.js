/** One calm line above everything: what happened and, where it helps, the way back in. `null` takes it away. */
export function say(tone, text, { signIn = false } = {}) {
  const notice = document.querySelector('[data-testid="notice"]')
  notice.hidden = text === null
  notice.className = `notice row between ${tone}`
  notice.querySelector('p').textContent = text ?? ''
  notice.querySelector('a').hidden = !signIn
}
