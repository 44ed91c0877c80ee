import type { Form } from '@latchkey/protocol'
import type { SignInContext, SignInResult } from '@latchkey/provider'
import type { AccountRecord } from './account-store.ts'
import type { Judgement } from './attempts.ts'
import { type SignInProblem, signInPage } from './sign-in-page.ts'
import { textsFor } from './texts/index.ts'

/** Judges a name and a password; does the same work for names that nobody has. */
export type CheckPassword = (username: string, password: string) => Promise<Judgement<AccountRecord>>

interface Judging {
  readonly check: CheckPassword
  /** The `sub` of whoever has this name; asked for names that nobody has as well. */
  readonly whose: (username: string) => Promise<string | undefined>
}

/** The name and password page: draws it, or judges what was typed. */
export async function signIn(
  { check, whose }: Judging,
  context: SignInContext,
  form: Form | null,
): Promise<SignInResult> {
  if (form === null) return page(context, context.loginHint ?? '', null)
  const username = form.get('username')?.trim() ?? ''
  const password = form.get('password') ?? ''
  const missing = missingFields(context, username, password)
  if (missing !== null) return page(context, username, missing)
  const judgement = await check(username, password)
  if (judgement.outcome === 'right') return { outcome: 'signed-in', sub: judgement.found.sub, amr: ['pwd'] }
  const { problem, because } =
    judgement.outcome === 'wait'
      ? { problem: tooMany(context, judgement.seconds), because: 'too many attempts; not looked at' }
      : { problem: wrong(context), because: 'wrong name or password' }
  const sub = await whose(username)
  return { ...page(context, username, problem), failed: { because, ...(sub === undefined ? {} : { sub }) } }
}

/** One text for an unknown name and for a wrong password: who has an account is nobody else's business. */
function wrong(context: SignInContext): SignInProblem {
  return { summary: textsFor(context).signIn.wrong }
}

function missingFields(context: SignInContext, username: string, password: string): SignInProblem | null {
  if (username !== '' && password !== '') return null
  const { missing, enterUsername, enterPassword } = textsFor(context)
  return {
    summary: missing,
    ...(username === '' ? { username: enterUsername } : {}),
    ...(password === '' ? { password: enterPassword } : {}),
  }
}

function tooMany(context: SignInContext, waitSeconds: number): SignInProblem {
  return { summary: textsFor(context).signIn.tooMany(Math.ceil(waitSeconds / 60)), status: 429 }
}

function page(context: SignInContext, username: string, problem: SignInProblem | null) {
  return { outcome: 'page' as const, response: signInPage(context, { username, problem }) }
}
