import { type raw, html as template } from 'hono/html'

/** HTML that was escaped where it had to be. */
export type Html = ReturnType<typeof raw>

/** HTML from a template: every value is escaped unless it is `Html` itself; null, undefined and booleans leave nothing. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  const made = template(strings, ...values)
  if (made instanceof Promise) throw new TypeError('a page cannot wait for a promise: await it before')
  return made
}
