import { logLine, readConfig, serve, untilToldToStop } from '@latchkey/cli'
import { ConfigError } from '@latchkey/protocol'
import { startPages } from './start-page/start-page.ts'

const {
  TOUR_CONFIG = '',
  TOUR_API_URL = '',
  TOUR_ANGULAR_URL = '',
  TOUR_REACT_URL = '',
  TOUR_BFF_URL = '',
} = process.env

try {
  const config = readConfig(TOUR_CONFIG)
  const stop = untilToldToStop()
  const server = await serve(config, {
    pages: [startPages({ api: TOUR_API_URL, angular: TOUR_ANGULAR_URL, react: TOUR_REACT_URL, bff: TOUR_BFF_URL })],
    onEvent: (event) => {
      const line = logLine(config.log, event)
      if (line !== null) process.stderr.write(`${line}\n`)
    },
  })
  process.stdout.write(`ready ${server.issuer}\n`)
  await stop
  await server.close()
  process.exit(0)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.problems.join('\n')}\n`)
  process.exit(1)
}
