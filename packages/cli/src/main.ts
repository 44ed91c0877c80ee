#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { ConfigError } from '@latchkey/protocol'
import { Command, CommanderError } from 'commander'
import { type ServeArguments, serveCommand } from './commands/serve-command.ts'

const exitCodes = { failed: 1, usage: 2 } as const

function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const program = new Command('latchkey')
    .description('OpenID Connect provider')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
  program
    .command('serve')
    .description('run a provider from a JSON configuration file')
    .option('--config <file>', 'the configuration file; relative paths in it count from its folder')
    .option('--print-config', 'print an example configuration and exit')
    .helpOption('--help', 'print this help')
    .action((options: ServeArguments, command: Command) => {
      if (options.config !== undefined || options.printConfig === true) return serveCommand(options)
      return command.error(
        'error: --config FILE is missing; write one to start from with: latchkey serve --print-config',
      )
    })
  return program
}

/** What a person reads when the command cannot do its work: never a stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return error.problems.length === 1 ? `latchkey: ${error.problems[0]}` : error.message
  }
  return `latchkey: ${error instanceof Error ? error.message : String(error)}`
}

try {
  const program = createProgram()
  await program.parseAsync(process.argv)
  process.exit(0)
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : exitCodes.usage)
  process.stderr.write(`${explain(error)}\n`)
  process.exit(exitCodes.failed)
}
