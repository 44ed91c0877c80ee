import { ConfigError } from '@latchkey/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonText } from './json-text.ts'

function problemOf(text: string): string {
  try {
    readJsonText(text, 'latchkey.json')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n')
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('RFC 8259: the configuration text', () => {
  test('whatever JSON can say is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(readJsonText(text, 'f').value).toEqual(JSON.parse(text))
      }),
    )
  })

  test('whatever JSON.parse refuses is refused with a line, a column and an excerpt', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', '"', '\u0000', 'x', '1', '\n'),
        (json, at, junk) => {
          const place = at % (json.length + 1)
          const broken = json.slice(0, place) + junk + json.slice(place + 1)
          let valid = true
          try {
            JSON.parse(broken)
          } catch {
            valid = false
          }
          if (!valid) expect(problemOf(broken)).toMatch(/line \d+, column \d+: .+\n\n {4}.*\n {4} *\^$/)
        },
      ),
    )
  })

  test('a missing comma is shown where the next key stands', () => {
    expect(problemOf('{\n  "issuer": "http://127.0.0.1"\n  "store": "memory"\n}')).toBe(
      'latchkey.json is no valid JSON: line 3, column 3: a comma or a closing brace is expected here.\n\n' +
        '      "store": "memory"\n      ^',
    )
  })

  test.each([
    ['{"a": 1,}', 'line 1, column 9: remove the comma before this brace'],
    ['{"a": [1,\n]}', 'line 2, column 1: remove the comma before this bracket'],
    ['', 'line 1, column 1: the text ends where a value is expected'],
    ['{} x', 'line 1, column 4: nothing may follow'],
    ['{a: 1}', 'line 1, column 2: a key in double quotes'],
    ['{"a" 1}', 'line 1, column 6: a colon is expected after the key "a"'],
    ['// yes\n{}', 'line 1, column 1: JSON has no comments'],
    ["{'a': 1}", 'line 1, column 2: a key in double quotes'],
    ['{"a": "x\ny"}', 'line 1, column 7: this text has no closing quote'],
    ['{"a": 1, "a": 2}', 'line 1, column 10: the key "a" stands here a second time'],
  ])('%j is told apart', (text, problem) => {
    expect(problemOf(text)).toContain(problem)
  })

  test('features 1: a secret beside the mistake does not land in the message', () => {
    const message = problemOf('{ "password": "hunter3" "x": 1}')
    expect(message).toContain('"password": "*******" "*": *}')
    for (const text of [
      '{"a_secret": "hunter2',
      '{"password": hunter2}',
      '{"password":\n"hunter2" x}',
      '{password: hunter2}',
    ])
      expect(problemOf(text)).not.toMatch(/hunter/)
  })

  test('a text nested without end is refused, not followed until the stack ends', () => {
    expect(problemOf('['.repeat(100_000))).toContain('nested deeper than 64 levels')
  })

  test('a byte order mark at the start is no mistake', () => {
    expect(readJsonText('\ufeff{"a":1}', 'f').value).toEqual({ a: 1 })
  })

  test('the line of each value is known', () => {
    const { lines } = readJsonText('{\n"a": [\n1,\n{ "b": 2 }]}', 'f')
    expect([lines.get('a'), lines.get('a[0]'), lines.get('a[1].b')]).toEqual([2, 3, 4])
  })
})
