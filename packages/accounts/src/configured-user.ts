import { ConfigError, type Runtime } from '@latchkey/protocol'
import { type AccountRecord, type AccountStore, canonicalUsername } from './account-store.ts'
import { hashPassword, longestPassword, verifyPassword } from './password-hash.ts'
import { newSub } from './sub.ts'

/** A person written into the configuration. */
export interface ConfiguredUser {
  readonly username: string
  readonly password: string
  /** Whether this person may use the admin site; false when left out. */
  readonly admin?: boolean
  /** Claims under their OpenID names, without `sub`. @spec OIDC Core §5.1 */
  readonly claims?: Readonly<Record<string, unknown>>
}

type Needed = { readonly store: AccountStore; readonly runtime: Pick<Runtime, 'now' | 'randomBytes'> }

/**
 * Makes the store agree with the configuration: new people are added, known ones (by username) keep their `sub`, and a
 * password is hashed anew only when it is another than before. People who left the configuration stay.
 * @throws ConfigError with every problem
 */
export async function seedUsers(needed: Needed, users: readonly ConfiguredUser[]): Promise<void> {
  const problems = [...userProblems(users)]
  if (problems.length > 0) throw new ConfigError(problems)
  for (const user of users) await seedUser(needed, user)
}

function* userProblems(users: readonly ConfiguredUser[]): Generator<string> {
  const names = new Set<string>()
  for (const [index, { username, password, claims }] of users.entries()) {
    const name = canonicalUsername(username)
    const where = `users[${index}]`
    if (name === '') yield `${where}.username: must not be empty`
    if (names.has(name))
      yield `${where}.username: "${username}" stands twice; usernames differ in more than letter case`
    names.add(name)
    if (password === '') yield `${where}.password: must not be empty`
    if (password.length > longestPassword) yield `${where}.password: must have at most ${longestPassword} characters`
    if (claims !== undefined && 'sub' in claims) yield `${where}.claims.sub: remove it; each person gets one for good`
  }
}

/** Another node may seed the same person at the same time; who comes second looks again. */
async function seedUser(needed: Needed, user: ConfiguredUser): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const stored = await needed.store.findByUsername(user.username)
    const outcome = stored === null ? await add(needed, user) : await agree(needed, stored, user)
    if (outcome !== 'stale' && outcome !== 'exists') return
  }
  throw new Error(`the account "${user.username}" keeps changing while it is being set up`)
}

async function add({ store, runtime }: Needed, { username, password, admin, claims }: ConfiguredUser) {
  const now = Math.floor(runtime.now())
  return store.create({
    sub: newSub(runtime),
    username,
    passwordHash: await hashPassword(runtime, password),
    admin: admin ?? false,
    claims: claims ?? {},
    version: 1,
    createdAt: now,
    updatedAt: now,
  })
}

async function agree({ store, runtime }: Needed, stored: AccountRecord, user: ConfiguredUser) {
  const { username, password, admin = false, claims = {} } = user
  const keeps = stored.passwordHash !== null && (await verifyPassword(stored.passwordHash, password))
  const same = stored.username === username && stored.admin === admin
  if (keeps && same && JSON.stringify(stored.claims) === JSON.stringify(claims)) return 'unchanged'
  return store.update({
    ...stored,
    username,
    passwordHash: keeps ? stored.passwordHash : await hashPassword(runtime, password),
    admin,
    claims,
    version: stored.version + 1,
    updatedAt: Math.floor(runtime.now()),
  })
}
