import type { Account, Accounts } from '@latchkey/provider'

/** Accounts whose people sign in with their name alone, so that no test waits for a password hash. */
export function testAccounts(people: readonly Account[]): Accounts {
  return {
    find: async (sub) => people.find((person) => person.sub === sub) ?? null,
    findByUsername: async (username) => people.find((person) => person.username === username) ?? null,
    async signIn(context, form) {
      const username = form?.get('username')
      const person = people.find((candidate) => candidate.username === username)
      if (person !== undefined) return { outcome: 'signed-in', sub: person.sub, amr: ['pwd'] }
      const status = form === null ? 200 : 400
      const response = context.page({ title: 'Sign in', body: 'username', status })
      return { outcome: 'page', response, ...(form === null ? {} : { failed: { because: 'wrong name' } }) }
    },
  }
}

/** Alice, whom every test knows, and an administrator. */
export const testPeople: readonly Account[] = [
  {
    sub: 'alice-1',
    username: 'alice',
    admin: false,
    claims: { name: 'Alice Doe', email: 'alice@example.com', email_verified: true },
  },
  { sub: 'root-1', username: 'root', admin: true, claims: { name: 'Root' } },
]
