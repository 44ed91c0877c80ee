import { client, newPerson, type Person, type SeenPage, testProvider } from '@latchkey/testing'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const redirect = { redirect_uris: ['https://notes.example/cb'], token_endpoint_auth_method: 'none' } as const
const grant_types = ['authorization_code', 'refresh_token'] as const
export const logo_uri = 'https://cdn.notes.example/logo.png'
const notes = client({
  client_id: 'notes',
  client_name: 'Acme <Notes>',
  logo_uri,
  grant_types: [...grant_types],
  ...redirect,
})
const house = client({
  client_id: 'house',
  client_name: 'House',
  require_consent: false,
  grant_types: [...grant_types],
  ...redirect,
})
export const ask = (clientId: string, scope = 'openid email') =>
  `/authorize?${new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'https://notes.example/cb',
    scope,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })}`

/** A provider with two applications, one of the house, and a person in front of it. */
export async function setUp(options: Parameters<typeof testProvider>[0] = {}) {
  const idp = await testProvider({ ...options, moreClients: [notes, house, ...(options.moreClients ?? [])] })
  const person = newPerson(idp.provider)
  /** Opens the application in a browser, and allows it what it asks for. */
  async function connect({ who = person, username = 'alice', clientId = 'notes' } = {}) {
    let page = await who.open(ask(clientId))
    if (atTheDoor(page)) page = await who.post(`${page.path}/sign-in`, { username })
    if (page.leftTo === null) page = await who.submit(page, { decision: 'allow' })
    const code = page.leftTo?.searchParams.get('code') ?? ''
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: 'https://notes.example/cb',
    }
    return { clientId, ...(await idp.token(clientId, form)) }
  }
  const isActive = async (token: string | undefined) =>
    (await (await idp.request('/userinfo', { headers: { authorization: `Bearer ${token}` } })).status) === 200
  return { ...idp, person, connect, isActive }
}

export const atTheDoor = ({ text }: SeenPage) => text.includes('<title>Sign in</title>')
export const withdraw = async (who: Person, clientId = 'notes'): Promise<SeenPage> =>
  who.submit(await who.open(`/account/withdraw?client_id=${clientId}`), {})
export const entriesOf = async (store: Awaited<ReturnType<typeof setUp>>['store'], type: string) =>
  store.audit.list({ type, limit: 10 })
