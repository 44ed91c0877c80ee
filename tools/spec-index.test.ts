import { expect, test } from 'vitest'
import { citations, kindOf, requirementProblems, titles } from './spec-index.ts'

test('sections are read with the specification they belong to', () => {
  expect(citations('RFC 9101 §6.2, §6.3; OIDC Core §6.1; RFC 1234 §1')).toEqual([
    { spec: 'RFC 9101', section: '6.2' },
    { spec: 'RFC 9101', section: '6.3' },
    { spec: 'OIDC Core', section: '6.1' },
  ])
  expect(citations('FAPI 2.0 Message Signing §5.3.1: x')).toEqual([
    { spec: 'FAPI 2.0 Message Signing', section: '5.3.1' },
  ])
  expect(citations('(RFC 7517 §4; RFC 9449 §5, §10.1)').map(({ section }) => section)).toEqual(['5', '10.1'])
})

test('titles are literals of one line that name a section', () => {
  expect(titles(`test('RFC 6749 §4.1: it\\'s so', () => {})\nconst a = 'no section'\n// RFC 6749 §5`)).toEqual([
    "RFC 6749 §4.1: it's so",
  ])
})

test('a title that begins with a section means the specification of its group', () => {
  const text = `describe('RFC 7592 §2: a group', () => { test('§2.1: reads', () => {}); test("another's §3", () => {}) })
describe('Back-Channel Logout', () => { test.each(rows)('§2.4: %s', () => {}) })
describe('another', () => { test('§9: of nothing', () => {}) })`
  const all = ['RFC 7592 §2: a group', 'RFC 7592 §2.1: reads', "another's §3", 'Back-Channel Logout §2.4: %s']
  expect(titles(text)).toEqual([...all, '§9: of nothing'])
})

test('a module of a conformance plan proves a section, and other support of tests does not enforce one', () => {
  expect(kindOf('packages/provider/src/tokens/id-token.ts')).toBe('code')
  expect(kindOf('packages/provider/src/latest-file.ts')).toBe('code')
  expect(kindOf('packages/cli/src/conformance/test-oidcc-modules-core.ts')).toBe('tests')
  expect(kindOf('packages/testing/src/test-provider.ts')).toBeUndefined()
})

test('a requirement names a test that is there, or says why it has none', () => {
  const basis = { spec: 'RFC 6749', section: '3.1', must: 'be good' }
  const read = (file: string) => (file === 'a.test.ts' ? "test('it\\'s good', () => {})" : null)
  const problemsOf = (more: object) => requirementProblems([{ ...basis, ...more }], read).map((text) => text.slice(-30))
  expect(problemsOf({ test: { file: 'a.test.ts', title: "it's good" } })).toEqual([])
  expect(problemsOf({ untested: 'because' })).toEqual([])
  expect(problemsOf({ test: { file: 'a.test.ts', title: 'gone' } })).toHaveLength(1)
  expect(problemsOf({ test: { file: 'gone.test.ts', title: 'it' } })).toHaveLength(1)
  expect(problemsOf({})).toHaveLength(1)
  expect(problemsOf({ spec: 'RFC 1', untested: 'because' })).toHaveLength(1)
})
