import type { HeaderRule } from './header-rules.ts'

/** Headers as Node and the store of a Fetch request have them: names in lower case. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** Names and values by turns, as they are written on the wire. */
export type HeaderList = readonly string[]

const none: ReadonlySet<string> = new Set()

/** The headers that go on to the API, behind those of our own. @spec RFC 9110 §7.6.1 */
export function forwardedHeaders(headers: HeaderRecord, rule: HeaderRule, own: HeaderList): string[] {
  const named = connectionNames(headers.connection)
  const out = [...own]
  for (const name in headers) {
    if (!rule(name) || named.has(name)) continue
    const value = headers[name]
    if (value !== undefined) out.push(name, typeof value === 'string' ? value : value.join(', '))
  }
  return out
}

/** The headers of the API's answer that go on to the browser. @spec RFC 9110 §7.6.1 */
export function returnedHeaders(headers: HeaderList, rule: HeaderRule): string[] {
  const out: string[] = []
  const names = new Set<string>()
  let named = none
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase()
    const value = headers[index + 1] ?? ''
    if (name === 'connection') named = connectionNames(value)
    if (!rule(name)) continue
    names.add(name)
    out.push(name, value)
  }
  for (let index = 0; index < defaults.length; index += 2) {
    const [name = '', value = ''] = [defaults[index], defaults[index + 1]]
    if (!names.has(name)) out.push(name, value)
  }
  return named.size === 0 ? out : without(out, named)
}

/** Stands where the API says nothing of it. */
const defaults: HeaderList = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']

/** The fields after a body that go through. @spec RFC 9110 §6.5 */
export function passedTrailers(trailers: HeaderList, rule: HeaderRule): [string, string][] {
  const out: [string, string][] = []
  for (let index = 0; index < trailers.length; index += 2) {
    const name = (trailers[index] ?? '').toLowerCase()
    if (rule(name)) out.push([name, trailers[index + 1] ?? ''])
  }
  return out
}

function without(headers: HeaderList, named: ReadonlySet<string>): string[] {
  const out: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]]
    if (!named.has(name)) out.push(name, value)
  }
  return out
}

function connectionNames(value: string | readonly string[] | undefined): ReadonlySet<string> {
  if (value === undefined || value === 'keep-alive' || value === 'close') return none
  const text = typeof value === 'string' ? value : value.join(',')
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()))
}
