import type { SignInContext } from '@latchkey/provider'
import { de } from './de.ts'
import { en } from './en.ts'
import type { AccountTexts } from './texts.ts'

const languages: Readonly<Record<SignInContext['locale'], AccountTexts>> = { en, de }

export function textsFor({ locale }: Pick<SignInContext, 'locale'>): AccountTexts {
  return languages[locale]
}
