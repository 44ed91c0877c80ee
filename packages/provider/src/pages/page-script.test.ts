import { expect, test } from 'vitest'
import { pageScript } from './page-script.ts'
import { laterThanEs5 } from './test-es5.ts'

test('the script of the pages parses as ECMAScript 5: an engine that cannot read one line would run none of it', () => {
  expect(laterThanEs5(pageScript)).toEqual([])
  expect(pageScript).not.toMatch(/\b(includes|startsWith|endsWith|padStart|closest|dataset|forEach)\((?!.*prototype)/)
})

test.each([
  ...['let a = 1', 'const a = 1', 'class A {}', '(a) => a', 'async function a() {}', 'function* a() {}', '`a`'],
  ...['var {a} = b', 'var [a] = b', 'f(...a)', 'var a = [...b]', 'var a = {b}', 'var a = {[b]: 1}', 'var a = {b() {}}'],
  ...['a?.b', 'a ?? b', 'a ** b', 'a ||= b', 'for (var a of b) {}', 'try {} catch {}', 'function a(b = 1) {}'],
  ...[
    'function a(...b) {}',
    'import a from "a"',
    'export var a',
    '/a/u',
    '/a/gs',
    '/(?<a>b)/',
    '1_000',
    '0b1',
    '1n',
    'super.a',
    'new.target',
    'var a =',
  ],
])('the test of old engines sees what they cannot read: %s', (script) => {
  expect(laterThanEs5(script)).not.toEqual([])
})

test.each([
  'label: for (var a in b) { if (!(a in c) || c instanceof D) continue label; else break }',
  'switch (typeof a) { case 1: default: throw void 0 } do { a >>>= 1; a-- } while (a, b); /[/]a/gim.test(a)',
  'var o = { get a() { return this }, set a(b) {}, "c": [1, , 0x1f, 1e3], if: null }; delete o.if; new F; debugger',
])('and what they can: %s', (script) => {
  expect(laterThanEs5(script)).toEqual([])
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
