import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Auth } from '../auth.ts'
import { openPanelElement, type PanelElement } from '../platform/panel-element.ts'
import { at, eventLine, panelView } from './panel-view.ts'

const mostEvents = 20

export interface DevtoolsMeans {
  readonly open?: () => PanelElement
  readonly runtime?: Pick<Runtime, 'now' | 'schedule'>
}

/**
 * Shows a small panel: each configuration's state, its access token's life as a moving bar, the last events, the decoded
 * claims; never a token. For development: import it dynamically, so that nothing of it is in a production bundle. Returns
 * the way out.
 */
export function showDevtools(auths: Auth | readonly Auth[], means: DevtoolsMeans = {}): () => void {
  const { open = openPanelElement, runtime = systemRuntime } = means
  const all = [auths].flat() as readonly Auth[]
  const panel = open()
  const events: string[] = []
  const draw = () =>
    panel.draw(
      all.map((auth) => panelView(auth, runtime.now())),
      events,
    )
  const ends = all.map((auth) =>
    auth.onEvent((event) => {
      const name = all.length > 1 ? `${auth.config.configId}: ` : ''
      events.unshift(`${at(runtime.now())} ${name}${eventLine(event)}`)
      events.length = Math.min(events.length, mostEvents)
      draw()
    }),
  )
  let cancel = () => {}
  const tick = () => {
    draw()
    cancel = runtime.schedule(1, tick)
  }
  tick()
  return () => {
    cancel()
    for (const end of ends) end()
    panel.remove()
  }
}
