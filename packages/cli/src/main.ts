#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { MessageChannel } from 'node:worker_threads'
import { ConfigError } from '@latchkey/protocol'
import { Command, CommanderError } from 'commander'
import { type AuditArguments, auditCommand } from './commands/audit-command.ts'
import { type BackupArguments, backupCommand } from './commands/backup-command.ts'
import { compromiseKey, listKeys, rotateKeys } from './commands/keys-command.ts'
import { type MigrateArguments, migrateCommand } from './commands/migrate-command.ts'
import { deletePerson, endPerson, showPerson, withdrawAccess } from './commands/people-command.ts'
import { type ServeArguments, serveCommand } from './commands/serve-command.ts'
import { type StoreCopyArguments, storeCopyCommand } from './commands/store-copy-command.ts'

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
  storeCommands(program)
  addKeys(program)
  addPeople(program)
  addAudit(program)
  return program
}

function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('see and change the signing keys of a store; running servers follow by themselves')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
  const add = (words: string, description: string) =>
    keys
      .command(words)
      .description(description)
      .requiredOption('--config <file>', 'the configuration file of the server')
      .helpOption('--help', 'print this help')
  add('list', 'show every key with its state').action(listKeys)
  add('rotate [alg]', 'announce successors now, of every algorithm or of one').action(rotateKeys)
  add('compromise <kid>', 'end a key at once; what it signed is refused').action(compromiseKey)
}

function addAudit(program: Command): void {
  program
    .command('audit')
    .description('list what the audit trail of a store holds, newest first')
    .requiredOption('--config <file>', 'the configuration file of the server')
    .option('--type <type>', 'one kind of entry, such as sign-in.failed')
    .option('--person <sub>', 'to whom it happened, or who did it')
    .option('--client <client_id>', 'one client')
    .option('--from <when>', 'from this day or instant on, in UTC unless it says otherwise')
    .option('--until <when>', 'before this day or instant')
    .option('--limit <number>', 'how many at most, or "all"; 50 unless told')
    .option('--json', 'one JSON object a line')
    .helpOption('--help', 'print this help')
    .action((options: AuditArguments) => auditCommand(options))
}

function addPeople(program: Command): void {
  const people = program
    .command('people')
    .description('see, end and delete what people have; PERSON is a username or a subject')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
  const add = (words: string, description: string) =>
    people
      .command(words)
      .description(description)
      .requiredOption('--config <file>', 'the configuration file of the server')
      .helpOption('--help', 'print this help')
  add('show <person>', 'what applications may do for a person, and where they are signed in').action(showPerson)
  add('withdraw <person> <client_id>', 'take back what a person allowed an application').action(withdrawAccess)
  add('end <person>', 'end every session and every token of a person').action(endPerson)
  add('delete <person>', 'delete the account and end all that hung on it').action(deletePerson)
}

function storeCommands(program: Command): void {
  program
    .command('migrate')
    .description("bring the database's schema up to date")
    .requiredOption('--config <file>', 'the configuration file')
    .option('--plan', 'show the statements and change nothing')
    .helpOption('--help', 'print this help')
    .action((options: MigrateArguments) => migrateCommand(options))
  program
    .command('backup')
    .description('copy the SQLite database into a new file while the server runs')
    .requiredOption('--config <file>', 'the configuration file')
    .requiredOption('--to <file>', 'the copy; it must not exist')
    .helpOption('--help', 'print this help')
    .action((options: BackupArguments) => backupCommand(options))
  program
    .command('store')
    .description('move a store to another place')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .command('copy')
    .description('copy an SQLite file into an empty PostgreSQL database; run again, it goes on where it was')
    .requiredOption('--from <place>', 'sqlite:FILE; nobody can write to it meanwhile')
    .requiredOption('--to <place>', 'postgres://user@host/database; the password comes from PGPASSWORD')
    .option('--pooled', 'the target is behind a pooler in transaction mode')
    .helpOption('--help', 'print this help')
    .action((options: StoreCopyArguments) => storeCopyCommand(options))
}

/** What a person reads when the command cannot do its work: never a stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return error.problems.length === 1 ? `latchkey: ${error.problems[0]}` : error.message
  }
  return `latchkey: ${error instanceof Error ? error.message : String(error)}`
}

// Timers keep no process awake: a command that waits to try again must not end in its midst.
new MessageChannel().port1.ref()
try {
  const program = createProgram()
  await program.parseAsync(process.argv)
  process.exit(0)
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : exitCodes.usage)
  process.stderr.write(`${explain(error)}\n`)
  process.exit(exitCodes.failed)
}
