import { expect, test } from 'vitest'
import { oauthErrorStatus } from '../packages/protocol/src/oauth-error.ts'
import { oauthErrorHelp } from '../packages/protocol/src/oauth-error-help.ts'
import { errorReference, messagesIn } from './error-reference.ts'

test('every error code has a cause, a remedy and a section', () => {
  expect(Object.keys(oauthErrorHelp).sort()).toEqual(Object.keys(oauthErrorStatus).sort())
  const page = errorReference()
  for (const code of Object.keys(oauthErrorStatus)) expect(page).toContain(`\n## \`${code}\`\n`)
})

test('messages are found in every form they are written in', () => {
  const source =
    "throw new OAuthError('invalid_scope', 'plain')\n" +
    "throw new OAuthError(a ? 'x' : 'y', `one \x24{b} two`)\n" +
    "throw new OAuthError('z', 'a' + 'b', { detail: 'not this' })"
  expect(messagesIn(source)).toEqual([
    { code: 'invalid_scope', message: 'plain' },
    { code: 'x', message: 'one … two' },
    { code: 'y', message: 'one … two' },
    { code: 'z', message: 'ab' },
  ])
})
