import type { Form } from '@latchkey/protocol'
import type { SignInContext, SignInResult } from '@latchkey/provider'
import type { AccountRecord } from './account-store.ts'
import type { Judgement } from './attempts.ts'
import { type SignInProblem, signInPage } from './sign-in-page.ts'

/** Judges a name and a password; does the same work for names that nobody has. */
export type CheckPassword = (username: string, password: string) => Promise<Judgement<AccountRecord>>

/** The name and password page: draws it, or judges what was typed. */
export async function signIn(check: CheckPassword, context: SignInContext, form: Form | null): Promise<SignInResult> {
  if (form === null) return page(context, context.loginHint ?? '', null)
  const username = form.get('username')?.trim() ?? ''
  const password = form.get('password') ?? ''
  const missing = missingFields(username, password)
  if (missing !== null) return page(context, username, missing)
  const judgement = await check(username, password)
  if (judgement.outcome === 'wait') return page(context, username, tooMany(judgement.seconds))
  if (judgement.outcome === 'wrong') return page(context, username, wrong)
  return { outcome: 'signed-in', sub: judgement.found.sub, amr: ['pwd'] }
}

/** One text for an unknown name and for a wrong password: who has an account is nobody else's business. */
const wrong: SignInProblem = { summary: 'This username and password do not belong together. Check both and try again.' }

function missingFields(username: string, password: string): SignInProblem | null {
  if (username !== '' && password !== '') return null
  return {
    summary: 'Something is missing',
    ...(username === '' ? { username: 'Enter your username' } : {}),
    ...(password === '' ? { password: 'Enter your password' } : {}),
  }
}

function tooMany(waitSeconds: number): SignInProblem {
  const minutes = Math.ceil(waitSeconds / 60)
  const wait = minutes === 60 ? 'an hour' : minutes === 1 ? 'a minute' : `${minutes} minutes`
  return { summary: `Too many attempts for this username. Wait ${wait}, then try again.`, status: 429 }
}

function page(context: SignInContext, username: string, problem: SignInProblem | null): SignInResult {
  return { outcome: 'page', response: signInPage(context, { username, problem }) }
}
