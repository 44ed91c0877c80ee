import type { ClientMetadata } from './client-metadata.ts'
import { isLoopbackHost } from './issuer.ts'

const endpoints = [
  'initiate_login_uri',
  'backchannel_logout_uri',
  'frontchannel_logout_uri',
  'backchannel_client_notification_endpoint',
] as const

/**
 * What is wrong with the addresses at which a client itself is called.
 * @spec Back-Channel Logout §2.2; Front-Channel Logout §2; CIBA Core §4; OIDC Registration §2 (initiate_login_uri)
 */
export function* clientEndpointProblems(client: Partial<ClientMetadata>): Generator<string> {
  for (const name of endpoints) {
    const uri = client[name]
    if (uri === undefined) continue
    const url = URL.canParse(uri) ? new URL(uri) : undefined
    if (url === undefined) yield `${name} must be an absolute URL`
    else if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname))
      yield `${name} must use https (http is for loopback addresses only)`
    else if (uri.includes('#')) yield `${name} must not have a fragment`
    else if (url.username !== '' || url.password !== '') yield `${name} must not have a user name or password`
  }
  const { frontchannel_logout_uri: front, redirect_uris: redirects = [] } = client
  if (front === undefined || !URL.canParse(front)) return
  const { origin } = new URL(front)
  // Otherwise anyone who registers could have every signing-out browser load an address of somebody else's.
  if (!redirects.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin))
    yield 'frontchannel_logout_uri must be on the origin of one of the redirect_uris'
}
