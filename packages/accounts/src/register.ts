import type { Form, Runtime } from '@latchkey/protocol'
import type { SignInContext, SignInResult } from '@latchkey/provider'
import type { AccountStore } from './account-store.ts'
import { hashPassword, longestPassword } from './password-hash.ts'
import { passwordFault, shortestPassword } from './password-rules.ts'
import { type RegisterProblem, registerPage, type Typed } from './register-page.ts'
import { newSub } from './sub.ts'
import { textsFor } from './texts/index.ts'

interface Needed {
  readonly store: AccountStore
  readonly runtime: Pick<Runtime, 'now' | 'randomBytes'>
}

/** New accounts in a minute over the whole house, so that a script cannot fill it with names. */
const most = 30
const pace = { key: 'registration', windowSeconds: 60 }

/** Control, format, private and unassigned characters: with them two people could have names that look the same. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]/u

/** The page on which people make an account: draws it, or makes one of what was typed. */
export async function register(needed: Needed, context: SignInContext, form: Form | null): Promise<SignInResult> {
  const typed = readTyped(form, context.loginHint)
  const page = (problem: RegisterProblem | null): SignInResult => ({
    outcome: 'page',
    response: registerPage(context, typed, problem),
  })
  if (form === null) return page(null)
  const password = form.get('password') ?? ''
  const problem = problemOf(context, typed, password)
  if (problem !== null) return page(problem)
  const { store, runtime } = needed
  const texts = textsFor(context).register
  const now = Math.floor(runtime.now())
  if ((await store.failures(pace.key, { now, windowSeconds: pace.windowSeconds })) >= most)
    return page({ summary: texts.tooMany, status: 429 })
  await store.countFailure(pace.key, { now, windowSeconds: pace.windowSeconds })
  const sub = await create(needed, typed, password)
  return sub === null
    ? page({ summary: texts.check, username: texts.taken })
    : { outcome: 'signed-in', sub, amr: ['pwd'] }
}

function readTyped(form: Form | null, loginHint: string | undefined): Typed {
  const text = (name: string) => form?.get(name)?.trim() ?? ''
  return { username: form === null ? (loginHint ?? '') : text('username'), name: text('name'), email: text('email') }
}

function problemOf(context: SignInContext, { username, email }: Typed, password: string): RegisterProblem | null {
  const texts = textsFor(context)
  const words = texts.register
  const badName = [...username].length < 2 || username.length > 64 || unseen.test(username)
  const badEmail = email !== '' && !/^[^\s@]{1,64}@[^\s@]{1,250}$/.test(email)
  const fault = passwordFault(password, username)
  if (!badName && !badEmail && fault === null) return null
  const says = {
    'too-short': words.tooShort(shortestPassword),
    'too-long': words.tooLong(longestPassword),
    common: words.common,
    'like-name': words.likeName,
  }
  return {
    summary: words.check,
    ...(badName ? { username: username === '' ? texts.enterUsername : words.badUsername } : {}),
    ...(badEmail ? { email: words.badEmail } : {}),
    ...(fault === null ? {} : { password: password === '' ? texts.enterPassword : says[fault] }),
  }
}

/** @returns null when the name is taken */
async function create({ store, runtime }: Needed, typed: Typed, password: string): Promise<string | null> {
  const now = Math.floor(runtime.now())
  const sub = newSub(runtime)
  const outcome = await store.create({
    sub,
    username: typed.username,
    passwordHash: await hashPassword(runtime, password),
    admin: false,
    claims: {
      ...(typed.name === '' ? {} : { name: typed.name.slice(0, 200) }),
      ...(typed.email === '' ? {} : { email: typed.email, email_verified: false }),
    },
    version: 1,
    createdAt: now,
    updatedAt: now,
  })
  return outcome === 'created' ? sub : null
}
