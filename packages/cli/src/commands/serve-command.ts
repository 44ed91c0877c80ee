import { resolve } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { exampleConfig } from '../config/example.ts'
import { readConfig } from '../config/read-config.ts'
import { logLine } from '../log.ts'
import { serve } from '../serve.ts'
import { untilToldToStop } from '../stop-signal.ts'

export interface ServeArguments {
  readonly config?: string
  readonly printConfig?: boolean
}

/** `latchkey serve`: one line on stdout when ready, the log on stderr, until told to stop. */
export async function serveCommand({ config: file, printConfig }: ServeArguments): Promise<void> {
  if (printConfig === true) {
    process.stdout.write(exampleConfig(systemRuntime))
    return
  }
  if (file === undefined) throw new ConfigError(['--config FILE is missing'])
  const config = readConfig(resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', file))
  for (const warning of config.warnings) say(`Warning: ${warning}.`)
  const stop = untilToldToStop()
  const server = await serve(config, {
    onEvent: (event) => {
      const line = logLine(config.log, event)
      if (line !== null) say(line)
    },
  })
  process.stdout.write(`Latchkey is ready: ${server.issuer}\n`)
  await stop
  await server.close()
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
