import { ConfigError } from '@latchkey/protocol'

/** A parsed JSON text and, for each value's path such as `clients[0].scope`, the line it stands in (from 1). */
export interface JsonText {
  readonly value: unknown
  readonly lines: ReadonlyMap<string, number>
}

const keywords: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const deepest = 64

/** Reads JSON; throws a ConfigError that shows line, column and excerpt of what is broken. @spec RFC 8259 §2 */
export function readJsonText(source: string, name: string): JsonText {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source
  const lines = new Map<string, number>()
  const cursor = new Cursor(text, name)
  const value = readValue(cursor, lines, '')
  cursor.skipSpace()
  if (cursor.at < text.length) cursor.fail('nothing may follow the end of the configuration')
  return { value, lines }
}

function readValue(cursor: Cursor, lines: Map<string, number>, path: string): unknown {
  cursor.skipSpace()
  lines.set(path, cursor.position().line)
  if (path.split(/[.[]/).length > deepest) cursor.fail(`nested deeper than ${deepest} levels`)
  if (cursor.take('{')) return readObject(cursor, lines, path)
  if (cursor.take('[')) return readArray(cursor, lines, path)
  if (cursor.peek() === '"') return cursor.string()
  const keyword = keywords.find(([word]) => cursor.take(word))
  if (keyword !== undefined) return keyword[1]
  const number = cursor.match(numberPattern)
  if (number !== undefined) return Number(number)
  return cursor.fail(cursor.peek() === '' ? 'the text ends where a value is expected' : 'a value is expected here')
}

function readObject(cursor: Cursor, lines: Map<string, number>, path: string): Record<string, unknown> {
  const entries = new Map<string, unknown>()
  if (cursor.takeAfterSpace('}')) return {}
  do {
    cursor.skipSpace()
    if (cursor.peek() === '}') cursor.fail('remove the comma before this brace')
    if (cursor.peek() !== '"') cursor.fail('a key in double quotes is expected here')
    const start = cursor.at
    const key = cursor.string()
    if (entries.has(key)) cursor.fail(`the key "${key}" stands here a second time`, start)
    if (!cursor.takeAfterSpace(':')) cursor.fail(`a colon is expected after the key "${key}"`)
    entries.set(key, readValue(cursor, lines, path === '' ? key : `${path}.${key}`))
  } while (cursor.takeAfterSpace(','))
  if (!cursor.takeAfterSpace('}')) cursor.fail('a comma or a closing brace is expected here')
  return Object.fromEntries(entries)
}

function readArray(cursor: Cursor, lines: Map<string, number>, path: string): unknown[] {
  const items: unknown[] = []
  if (cursor.takeAfterSpace(']')) return items
  do {
    cursor.skipSpace()
    if (cursor.peek() === ']') cursor.fail('remove the comma before this bracket')
    items.push(readValue(cursor, lines, `${path}[${items.length}]`))
  } while (cursor.takeAfterSpace(','))
  if (!cursor.takeAfterSpace(']')) cursor.fail('a comma or a closing bracket is expected here')
  return items
}

class Cursor {
  readonly text: string
  readonly name: string
  at = 0

  constructor(text: string, name: string) {
    this.text = text
    this.name = name
  }

  peek(): string {
    return this.text.charAt(this.at)
  }

  skipSpace(): void {
    while (/[ \t\r\n]/.test(this.peek())) this.at++
    if (/^\/[/*]/.test(this.text.slice(this.at, this.at + 2)) || this.peek() === '#') this.fail('JSON has no comments')
  }

  take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  takeAfterSpace(word: string): boolean {
    this.skipSpace()
    return this.take(word)
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    this.at += found?.length ?? 0
    return found
  }

  string(): string {
    const literal = this.match(stringPattern)
    if (literal === undefined) return this.fail('this text has no closing quote, a line break or a wrong escape')
    return JSON.parse(literal) as string
  }

  position(at: number = this.at): { line: number; column: number } {
    const before = this.text.slice(0, at)
    const lineStart = before.lastIndexOf('\n') + 1
    return { line: before.split('\n').length, column: at - lineStart + 1 }
  }

  fail(what: string, at: number = this.at): never {
    const { line, column } = this.position(at)
    const from = Math.max(0, column - 41)
    const whole = (this.text.split('\n')[line - 1] ?? '').replace(/\r$/, '')
    const excerpt = hideSecrets(whole, this.text.slice(0, at - column + 1)).slice(from, from + 80)
    throw new ConfigError([
      `${this.name} is no valid JSON: line ${line}, column ${column}: ${what}.\n\n    ${excerpt}\n    ${' '.repeat(column - 1 - from)}^`,
    ])
  }
}

/** An excerpt may land in a log: what stands after a password's or a secret's key becomes stars. */
function hideSecrets(line: string, before: string): string {
  const stars = (text: string): string => text.replace(/[^\s,:{}[\]"']/g, '*')
  if (/(?:secret|password)["']?\s*:\s*$/i.test(before)) return stars(line)
  const key = /(?:secret|password)[^:=]*[:=]/i.exec(line)
  if (key === null) return line
  const end = key.index + key[0].length
  return line.slice(0, end) + stars(line.slice(end))
}
