/** The parts of a message event that tell where it comes from. */
export interface IncomingMessage {
  readonly origin: string
  readonly source: unknown
  readonly data: unknown
}

/** Whether a message is from the very frame we opened, still on our origin. Anything may post to a window. @spec HTML §9.3.2 */
export function isFromFrame(event: IncomingMessage, expected: { origin: string; source: unknown }): boolean {
  return expected.source != null && event.source === expected.source && event.origin === expected.origin
}
