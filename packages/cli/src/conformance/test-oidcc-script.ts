import { exampleConfig } from './test-conformance-server.ts'
import type { HtmlForm, WalkedPage, Walker } from './test-walker.ts'

type Command = readonly [word: string, by: string, target: string, ...rest: (string | number)[]]
interface Task {
  readonly task: string
  readonly match: string
  readonly optional?: boolean
  readonly commands: readonly Command[]
}
interface Scripted {
  readonly browser: readonly { readonly match: string; readonly tasks: readonly Task[] }[]
}

/** How far the scripted browser came, and what it did on the way. */
export interface Walked {
  readonly page: WalkedPage
  /** Every page it stood on before the last. */
  readonly seen: readonly WalkedPage[]
  readonly did: readonly ('signed in' | 'allowed' | 'passed an answer on')[]
}

/** What the suite's browser does in a module, by the guide's `oidcc-suite.json`. */
export function tasksFor(module: string, issuer: string): readonly Task[] {
  const text = JSON.stringify(exampleConfig('oidcc-suite.json')).replaceAll('https://localhost:9443', issuer)
  const suite = JSON.parse(text) as Scripted & { readonly override: Readonly<Record<string, Scripted>> }
  return (suite.override[module] ?? suite).browser[0]?.tasks ?? []
}

/** Goes through the tasks as the suite does: one whose address does not fit is left out if it may be, and fails otherwise. */
export async function goThrough(browser: Walker, tasks: readonly Task[], opened: WalkedPage): Promise<Walked> {
  const seen: WalkedPage[] = []
  const did: Walked['did'][number][] = []
  let page = opened
  async function press(form: HtmlForm, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    seen.push(page)
    did.push('password' in form.fields ? 'signed in' : button === 'allow' ? 'allowed' : 'passed an answer on')
    page = await browser.press(form, fields, button)
  }
  /** What the page's script does where there is one. */
  async function passOn(): Promise<void> {
    const form = page.forms.find(({ sendsItself }) => sendsItself)
    if (form !== undefined) await press(form, {}, '')
  }
  await passOn()
  for (const { task, match, optional = false, commands } of tasks) {
    if (!fits(match, page.url)) {
      if (optional) continue
      throw new Error(`"${task}" found itself at ${page.status} ${page.url}\n${page.text}`)
    }
    const typed: Record<string, string> = {}
    for (const [word, by, target, value, ...rest] of commands) {
      if (word === 'text')
        type(page, { typed, name: target, value: String(value), optional: rest.includes('optional') })
      else if (word === 'click') await press(...clickable(page, typed, target))
      else if (word === 'wait') expectShown(page, { by, target, wanted: rest[0] })
    }
    await passOn()
  }
  return { page, seen, did }
}

function fits(pattern: string, url: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(url)
}

function type(
  { forms, url }: WalkedPage,
  { typed, name, value, optional }: { typed: Record<string, string>; name: string; value: string; optional: boolean },
): void {
  if (forms.some(({ fields }) => name in fields)) typed[name] = value
  else if (!optional) throw new Error(`no field ${name} at ${url}`)
}

/** The first button that a selector such as `button.primary` finds, with its form. */
function clickable({ forms, url }: WalkedPage, typed: Readonly<Record<string, string>>, selector: string) {
  const name = selector.replace('button.', '')
  for (const form of forms) {
    const button = form.buttons.find(({ classes }) => classes.includes(name))
    if (button !== undefined) return [form, typed, button.value] as const
  }
  throw new Error(`nothing to click at ${url} for ${selector}`)
}

function expectShown(
  { text, url }: WalkedPage,
  { by, target, wanted }: { by: string; target: string; wanted: string | number | undefined },
): void {
  const plain = text.replace(/<[^>]*>/g, '').replaceAll('&quot;', '"')
  const shown = by === 'id' ? text.includes(`id="${target}"`) : new RegExp(String(wanted)).test(plain)
  if (!shown) throw new Error(`${by} ${target} ${wanted ?? ''} is not to be seen at ${url}`)
}
