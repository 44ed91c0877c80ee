/** Resolves at SIGTERM, SIGINT or SIGHUP, or when the process that started this one with a channel is gone. */
export function untilToldToStop(): Promise<void> {
  // A terminal that went away must not turn the last lines of a log into a crash.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve())
    process.once('disconnect', () => resolve())
    process.channel?.unref()
  })
}
