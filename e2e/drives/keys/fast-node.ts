/** `latchkey serve` under a clock that runs faster: CONFIG, since when, how many times. */
import { readConfig } from '../../../packages/cli/src/config/read-config.ts'
import { serve } from '../../../packages/cli/src/serve.ts'
import { fastRuntime } from './fast-clock.ts'

const [config = '', from, factor] = process.argv.slice(2)
const server = await serve(readConfig(config), {
  runtime: fastRuntime(Number(from), Number(factor)),
  onEvent: ({ type, detail }) => {
    if (type.startsWith('key.') || type === 'request.failed') console.log(`event ${type} ${detail ?? ''}`)
  },
})
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)))
console.log('Latchkey is ready')
setInterval(() => {}, 60_000)
