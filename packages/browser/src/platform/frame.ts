import { isFromFrame } from './frame-message.ts'
import type { FrameListener } from './platform.ts'

/** A hidden frame of this document; messages that are not of that very frame and this origin are dropped. */
export function openFrame(url: string, listener: FrameListener): () => void {
  const frame = Object.assign(document.createElement('iframe'), { hidden: true, src: url })
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

/** Hands a message to the page that this one is framed by, when both share the origin; false where nobody frames it. */
export function relayToParent(message: unknown): boolean {
  // A parent of another origin does not get the message: the target origin is ours.
  if (parent !== window) parent.postMessage(message, location.origin)
  return parent !== window
}
