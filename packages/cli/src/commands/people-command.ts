import { resolve } from 'node:path'
import { canonicalUsername } from '@latchkey/accounts'
import { ConfigError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Provider } from '@latchkey/provider'
import { readConfig } from '../config/read-config.ts'
import type { ServeConfig } from '../config/serve-config.ts'
import { createConfiguredProvider } from '../configured-provider.ts'
import { openStores, type Stores } from '../stores.ts'

export interface PeopleArguments {
  readonly config: string
}

/** `latchkey people end PERSON`: every session and token of theirs ends; they may sign in again. */
export function endPerson(person: string, { config }: PeopleArguments): Promise<void> {
  return withPerson(person, config, async ({ provider, sub, name }) => {
    await provider.endSubject(sub)
    print(`Everything of ${name} has ended. They can sign in again; lock or delete the account to prevent that.`)
  })
}

/** `latchkey people delete PERSON`: the account goes, and all that hung on it. */
export function deletePerson(person: string, { config }: PeopleArguments): Promise<void> {
  return withPerson(person, config, async ({ provider, sub, name, configured }) => {
    if (configured) {
      const problem = `"${name}" stands under "users" in the configuration and would come back at the next start; remove it there first.`
      throw new ConfigError([problem])
    }
    const wasThere = await provider.deleteSubject(sub)
    print(
      wasThere
        ? `${name} is deleted, and everything of theirs has ended.`
        : `There is no account of ${name}; what was left of it has ended.`,
    )
  })
}

/** `latchkey people show PERSON`: what applications may do in their name, and where they are signed in. */
export function showPerson(person: string, { config }: PeopleArguments): Promise<void> {
  return withPerson(person, config, async ({ provider, sub, name }) => {
    const [access, sessions] = await Promise.all([provider.people.accessOf(sub), provider.people.sessionsOf(sub)])
    print(`${name} (${sub})`)
    print(access.length === 0 ? 'No application has access.' : 'Applications with access:')
    for (const { clientId, name: application, since, isInUse, permissions } of access) {
      const scope = permissions.flatMap(({ asks }) => asks.flatMap((each) => each.scope ?? [])).join(' ')
      const named = application === clientId ? clientId : `${clientId} (${application})`
      print(`  ${named}  since ${day(since)}  ${isInUse ? 'in use' : 'no tokens'}${scope === '' ? '' : `  ${scope}`}`)
    }
    print(sessions.length === 0 ? 'Signed in nowhere.' : 'Signed in:')
    for (const { device, startedAt, usedAt } of sessions) {
      const browser = [device?.browser ?? 'a browser', device?.platform].filter((part) => part != null).join(' on ')
      print(`  ${browser}  since ${day(startedAt)}  last used ${day(usedAt)}`)
    }
  })
}

/** `latchkey people withdraw PERSON CLIENT_ID`: the consent goes, and everything that the client holds in their name ends. */
export function withdrawAccess(person: string, clientId: string, { config }: PeopleArguments): Promise<void> {
  return withPerson(person, config, async ({ provider, sub, name }) => {
    const had = await provider.people.withdrawAccess(sub, clientId)
    print(
      had
        ? `${clientId} has no access to the account of ${name} any more.`
        : `${clientId} has no access to the account of ${name}: there is nothing to withdraw.`,
    )
  })
}

/** In UTC. */
function day(instant: number): string {
  return new Date(instant * 1000).toISOString().slice(0, 10)
}

interface Person {
  readonly provider: Provider
  readonly sub: string
  /** The username, or the subject where the account is gone. */
  readonly name: string
  readonly configured: boolean
}

async function withPerson(person: string, file: string, work: (found: Person) => Promise<void>): Promise<void> {
  const config = readConfig(resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', file))
  if (config.store.kind === 'memory') {
    throw new ConfigError([
      'The store of this configuration is "memory": its people are in the server’s process alone.',
    ])
  }
  const stores = openStores(config.store)
  try {
    await stores.ready()
    const found = await whom(stores, person)
    const names = config.users.map(({ username }) => canonicalUsername(username))
    const provider = await open(config, stores)
    try {
      await work({ provider, ...found, configured: names.includes(canonicalUsername(found.name)) })
    } finally {
      await provider.close()
    }
  } finally {
    await stores.close()
  }
}

/** Nobody of the configuration is made by a command. */
function open(config: ServeConfig, stores: Stores): Promise<Provider> {
  return createConfiguredProvider(
    { ...config, users: [] },
    { issuer: config.issuer, stores, runtime: systemRuntime, onEvent: () => {} },
  )
}

/** A name that people sign in under, or a subject; what looks like one may be of an account that is gone. */
async function whom({ accounts }: Stores, person: string): Promise<{ sub: string; name: string }> {
  const account = (await accounts.find(person)) ?? (await accounts.findByUsername(person))
  if (account !== null) return { sub: account.sub, name: account.username }
  if (/^[\x21-\x7e]{16,}$/.test(person)) return { sub: person, name: person }
  throw new ConfigError([`Nobody signs in as "${person}", and no account has this subject.`])
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
