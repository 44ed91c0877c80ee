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
  let named = none
  let [saysOfCaching, saysOfSniffing] = [false, false]
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase()
    const value = headers[index + 1] ?? ''
    if (name === 'connection') named = connectionNames(value)
    if (!rule(name)) continue
    if (name === 'cache-control') saysOfCaching = true
    else if (name === 'x-content-type-options') saysOfSniffing = true
    out.push(name, value)
  }
  if (!saysOfCaching) out.push('cache-control', 'no-store')
  if (!saysOfSniffing) out.push('x-content-type-options', 'nosniff')
  return named.size === 0 ? out : without(out, named)
}

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
