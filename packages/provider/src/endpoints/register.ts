import { newClientId } from '../client-registry.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readJson } from '../http/read-json.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'
import { clientInformation } from '../registration/client-information.ts'
import { judgeClient } from '../registration/judge-client.ts'
import { createRegistrationLimit } from '../registration/limit.ts'
import { manageClient } from '../registration/manage-client.ts'
import { hasInitialAccessToken, newRegistrationToken } from '../registration/registration-token.ts'
import { requestedClient } from '../registration/requested-client.ts'
import { countedStatement, withSoftwareStatement } from '../registration/software-statement.ts'

const registrationPath = '/register'
/** Each client's own registration stands below. */
const managementPath = '/registration'

/** Registers clients, and lets each manage itself below. @spec RFC 7591 §3; RFC 7592 §2; OIDC Registration §3 */
export function registrationEndpoints(parts: Parts): readonly Endpoint[] {
  if (parts.registration.mode === 'off') return []
  const takePlace = createRegistrationLimit(parts, parts.registration.perHour)
  const common = { cors: 'public', audience: 'machine' } as const
  return [
    {
      ...common,
      path: registrationPath,
      methods: ['POST'],
      bearer: { scope: '', algs: algsUnder(parts.profile) },
      metadata: (url) => ({ registration_endpoint: url }),
      handle: (asked) => register(parts, asked, takePlace),
    },
    {
      ...common,
      path: managementPath,
      prefix: true,
      methods: ['GET', 'PUT', 'DELETE'],
      bearer: { scope: '', algs: algsUnder(parts.profile) },
      handle: (asked) => manageClient(parts, asked, parts.issuer + managementPath),
    },
  ]
}

async function register(parts: Parts, asked: EndpointRequest, takePlace: () => Promise<void>): Promise<Response> {
  const { registration: settings, runtime, issuer } = parts
  const invited = hasInitialAccessToken(settings, asked.request)
  const sent = await readJson(asked.request)
  const members = await withSoftwareStatement(settings, sent, runtime.now())
  const client = requestedClient(settings, { clientId: newClientId(runtime), members, issuer })
  if (!invited) await takePlace()
  await judgeClient(parts, client)
  const { token, hash } = newRegistrationToken(parts)
  const { requestId } = asked
  const made = await parts.clients.create(client, { registrationTokenHash: hash, requestId })
  if (made.outcome === 'exists') throw new Error('a fresh client_id is taken')
  const url = issuer + managementPath
  const createdAt = Math.floor(runtime.now())
  const { client_secret: _own, ...metadata } = client
  const told = clientInformation({ metadata, createdAt, secret: made.secret, token, url })
  return json(asked, { ...told, ...countedStatement(settings, sent) }, { status: 201 })
}
