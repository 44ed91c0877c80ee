import type { PanelView } from '../devtools/panel-view.ts'

/** The panel on the page: a shadow root of its own, no inline style or script, text only as text. */
export interface PanelElement {
  draw(views: readonly PanelView[], events: readonly string[]): void
  remove(): void
}

const styles = `
:host { all: initial; position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; font: 12px/1.45 ui-sans-serif, system-ui, sans-serif; color-scheme: light dark }
details { background: Canvas; color: CanvasText; border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); border-radius: 8px; box-shadow: 0 4px 20px rgb(0 0 0 / 20%); width: 22rem; max-width: calc(100vw - 2rem) }
details:not([open]) { width: auto }
summary { cursor: pointer; padding: .5rem .75rem; font-weight: 600 }
summary:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; border-radius: 8px }
.body { max-height: 60vh; overflow: auto; padding: 0 .75rem .75rem }
h2 { font-size: 12px; margin: .75rem 0 .25rem }
.issuer { font-weight: 400; opacity: .8; overflow-wrap: anywhere }
progress { width: 100%; height: .5rem; accent-color: #2f7d5b }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .6rem; margin: .25rem 0 }
dt { opacity: .8 } dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace }
ol { margin: .25rem 0 0; padding-left: 1.2rem; font-family: ui-monospace, monospace }
`

export function openPanelElement(): PanelElement {
  const host = document.createElement('latchkey-devtools')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  root.adoptedStyleSheets = [sheet]
  const details = element('details')
  const summary = element('summary', 'Latchkey')
  const body = element('div')
  body.className = 'body'
  details.append(summary, body)
  root.append(details)
  document.body.append(host)
  return {
    draw(views, events) {
      summary.textContent = `Latchkey: ${views.map(({ status }) => status).join(', ')}`
      if (details.open) body.replaceChildren(...views.flatMap(configuration), ...eventList(events))
    },
    remove: () => host.remove(),
  }
}

function configuration(view: PanelView): HTMLElement[] {
  const title = element('h2', view.name)
  const issuer = element('span', ` ${view.issuer}`)
  issuer.className = 'issuer'
  title.append(issuer)
  const facts: (readonly [string, string])[] = [['state', view.status]]
  if (view.secondsLeft === null) return [title, list(facts)]
  const life = element('progress')
  life.max = 1
  life.value = view.left
  life.setAttribute('aria-label', `Access token: ${Math.round(view.secondsLeft)} seconds left`)
  facts.push(['token', `${Math.round(view.secondsLeft)} s left, renewed ${view.renewals} times`])
  return [title, life, list([...facts, ...view.claims])]
}

function list(rows: readonly (readonly [string, string])[]): HTMLElement {
  const found = element('dl')
  for (const [name, value] of rows) found.append(element('dt', name), element('dd', value))
  return found
}

function eventList(events: readonly string[]): HTMLElement[] {
  if (events.length === 0) return []
  const found = element('ol')
  found.append(...events.map((line) => element('li', line)))
  return [element('h2', 'Events, newest first'), found]
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text?: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  return made
}
