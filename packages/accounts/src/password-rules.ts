import { canonicalUsername } from './account-store.ts'
import { longestPassword } from './password-hash.ts'

/** What a new password needs at least. @spec NIST SP 800-63B §3.1.1.2 */
export const shortestPassword = 8

export type PasswordFault = 'too-short' | 'too-long' | 'common' | 'like-name'

/** What is wrong with a password that somebody chooses, or null. Length counts, kinds of characters do not. */
export function passwordFault(password: string, username: string): PasswordFault | null {
  if ([...password].length < shortestPassword) return 'too-short'
  if (password.length > longestPassword) return 'too-long'
  const plain = canonicalUsername(password)
  if (plain === canonicalUsername(username)) return 'like-name'
  return isCommon(plain) ? 'common' : null
}

/** What leaked lists begin with, and what is made the same way: one character, one run, one word with digits behind it. */
function isCommon(password: string): boolean {
  if (new Set(password).size < 3) return true
  if (runs.some((run) => run.includes(password) || [...run].reverse().join('').includes(password))) return true
  const word = password.replaceAll('0', 'o').replaceAll('1', 'i').replaceAll('3', 'e').replaceAll('@', 'a')
  return commonWords.some((common) => {
    const rest = [password, word].find((text) => text.startsWith(common))?.slice(common.length)
    return rest !== undefined && /^[\d!.?oie]{0,4}$/.test(rest)
  })
}

const runs = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
]
const commonWords = [
  'password',
  'passwort',
  'passw',
  'iloveyou',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'welcome',
  'superman',
  'dragon',
  'monkey',
  'letmein',
  'master',
  'shadow',
  'michael',
  'jordan',
  'trustno',
  'starwars',
  'computer',
  'qwerty',
  'qwertz',
  'asdfgh',
  'zxcvbn',
  'admin',
  'administrator',
  'changeme',
  'default',
  'secret',
  'geheim',
  'hallo',
  'willkommen',
  'schatz',
  'fussball',
  'whatever',
  'internet',
  'samsung',
  'liverpool',
  'chelsea',
  'arsenal',
  'abcd',
  'abc',
  'test',
  'user',
  'login',
  'guest',
]
