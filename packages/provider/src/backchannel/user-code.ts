import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { type AttemptLimit, takeAttempt } from '../pending/attempts.ts'
import type { CibaOptions } from './ciba-options.ts'

/** For one person, whichever client asks: a code of four digits is worth something still. */
const limit: AttemptLimit = { most: 10, windowSeconds: 900 }

interface Asking {
  readonly client: RegisteredClient
  readonly sub: string
  readonly options: CibaOptions
}

/**
 * Asks for the code that only the person knows, so that nobody else's request reaches their device.
 * @throws OAuthError `missing_user_code`, `invalid_user_code`, `access_denied` after too many attempts
 * @spec CIBA Core §7.1, §13
 */
export async function checkUserCode(parts: Parts, form: Form, { client, sub, options }: Asking): Promise<void> {
  const userCode = form.get('user_code') ?? null
  const isAsked = options.checkUserCode !== undefined && client.metadata.backchannel_user_code_parameter
  if (!isAsked) {
    if (userCode === null) return
    throw new OAuthError('invalid_request', 'parameter "user_code" is not for this client')
  }
  if (userCode !== null && !(await takeAttempt(parts, `ciba user code ${sub}`, limit)))
    throw new OAuthError('access_denied', 'too many user codes were tried for this person; try again later')
  const verdict = await options.checkUserCode?.(sub, userCode)
  if (verdict === 'missing') throw new OAuthError('missing_user_code', 'this person has a user code: ask them for it')
  if (verdict !== 'right') throw new OAuthError('invalid_user_code', 'the user code is wrong')
}
