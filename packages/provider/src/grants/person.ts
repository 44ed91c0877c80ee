import { OAuthError } from '@latchkey/protocol'
import type { Account, Accounts } from '../accounts.ts'

/** @throws OAuthError `invalid_grant` when the person's account is gone */
export async function findPerson(accounts: Accounts, sub: string): Promise<Account> {
  const account = await accounts.find(sub)
  if (account === null) throw new OAuthError('invalid_grant', 'the account this grant speaks for no longer exists')
  return account
}
