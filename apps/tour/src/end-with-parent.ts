import { systemRuntime } from '@latchkey/protocol/system-runtime'

// Loaded before each part: its stdin is a pipe that its parent holds open. When the parent is gone, however it went,
// the pipe ends, and so does the part.
process.stdin.resume()
process.stdin.on('end', () => {
  process.kill(process.pid, 'SIGTERM')
  systemRuntime.schedule(15, () => process.exit(1))
})
process.stdin.unref()
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
