import { isFromFrame } from './frame-message.ts'
import type { FrameListener } from './platform.ts'

/** A hidden frame of this document; messages that are not of that very frame and this origin are dropped. */
export function openFrame(url: string, listener: FrameListener): () => void {
  const frame = Object.assign(document.createElement('iframe'), { hidden: true, title: 'Silent sign-in', src: url })
  const receive = (event: MessageEvent) => {
    if (isFromFrame(event, { origin: location.origin, source: frame.contentWindow })) listener.message(event.data)
  }
  addEventListener('message', receive)
  frame.addEventListener('load', listener.loaded)
  document.body.append(frame)
  return () => {
    removeEventListener('message', receive)
    frame.remove()
  }
}
