import { Window } from 'happy-dom'
import { act, type ReactNode } from 'react'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}

/** A page's document for React to render into; the network and the clock stay the test's own. */
const window = new Window({ url: 'https://app.test/' })
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true })

export interface TestPage {
  /** What a person reads. */
  text(): string
  click(button: string): Promise<void>
  render(element: ReactNode): Promise<void>
  /** Runs `work` and lets React draw what came of it. */
  during<T>(work: () => Promise<T>): Promise<T>
  unmount(): Promise<void>
}

/** React on a page of its own. */
export async function openTestPage(element: ReactNode): Promise<TestPage> {
  const { createRoot } = await import('react-dom/client')
  const place = document.createElement('div')
  document.body.append(place)
  const root = createRoot(place)
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    let result: { readonly value: T } | undefined
    await act(async () => {
      result = { value: await work() }
    })
    if (result === undefined) throw new Error('act ended before its work')
    return result.value
  }
  const render = (what: ReactNode) => during(async () => root.render(what))
  await render(element)
  return {
    text: () => place.textContent ?? '',
    async click(name) {
      const button = [...place.querySelectorAll('button')].find((one) => one.textContent === name)
      if (button === undefined) throw new Error(`there is no button "${name}" in: ${place.innerHTML}`)
      await during(async () => button.click())
    },
    render,
    during,
    unmount: () => during(async () => root.unmount()),
  }
}
