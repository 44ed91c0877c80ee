import { OAuthError } from '@latchkey/protocol'
import { beginSignIn } from '../session/sign-in.ts'
import type { Endpoint } from './endpoint.ts'

/** Sends the browser to the provider; of the query only what is allowed goes along. */
export const loginEndpoint: Endpoint = {
  path: '/login',
  methods: ['GET'],
  audience: 'person',
  async handle(parts, at) {
    const extra: Record<string, string> = {}
    for (const name of parts.settings.loginParameters) {
      const values = at.query.getAll(name)
      if (values.length > 1) throw new OAuthError('invalid_request', `parameter "${name}" is given more than once`)
      if (values[0] !== undefined) extra[name] = values[0]
    }
    if (extra.prompt?.split(' ').includes('none') === true) {
      throw new OAuthError('invalid_request', 'prompt=none is what silent-login is for')
    }
    return beginSignIn(parts, at, extra)
  },
}
