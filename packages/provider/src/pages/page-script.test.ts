import { expect, test } from 'vitest'
import { pageScript } from './page-script.ts'

test('the script of the pages has no word that an engine of ECMAScript 5 cannot read, since it would run none of it', () => {
  expect(pageScript).not.toMatch(/=>|`|\?\.|\?\?|\.\.\.|\b(let|const|class|async|await|import|export|of)\b/)
  // Destructuring and members without a value of their own.
  expect(pageScript).not.toMatch(/var\s*[[{]/)
  expect(pageScript).not.toMatch(/\b(includes|startsWith|endsWith|padStart|closest|dataset|forEach)\((?!.*prototype)/)
})

test('Form Post §2: a page that only passes an answer on sends itself before anything else is tried', () => {
  const done: string[] = []
  const form = { submit: () => done.push('submitted') }
  const document = {
    querySelectorAll: () => [],
    querySelector: (selector: string) => (selector === 'form[data-sends-itself]' ? form : null),
    addEventListener: () => done.push('listens'),
  }
  const window = { addEventListener: () => done.push('listens') }
  new Function('document', 'window', pageScript)(document, window)
  expect(done[0]).toBe('submitted')
})
