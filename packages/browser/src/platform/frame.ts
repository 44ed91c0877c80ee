import { isFromFrame } from './frame-message.ts'
import type { FrameListener } from './platform.ts'

/** A hidden frame of this document; messages that are not of that very frame and this origin are dropped. */
export function openFrame(url: string, listener: FrameListener): () => void {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = 'Silent sign-in'
  frame.setAttribute('aria-hidden', 'true')
  const receive = (event: MessageEvent) => {
    if (isFromFrame(event, { origin: window.location.origin, source: frame.contentWindow }))
      listener.message(event.data)
  }
  window.addEventListener('message', receive)
  frame.addEventListener('load', () => listener.loaded())
  frame.src = url
  document.body.append(frame)
  return () => {
    window.removeEventListener('message', receive)
    frame.remove()
  }
}
