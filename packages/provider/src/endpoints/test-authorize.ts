import { newPerson, testProvider } from '@latchkey/testing'
import { expect } from 'vitest'

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
/** The parameters of a request that is answered. */
export const basis = {
  client_id: 'web',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  state: 's1',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}

/** An authorization request with these differences; undefined leaves a parameter out. */
export function authorize(changes: Record<string, string | undefined> = {}): string {
  const given = Object.entries({ ...basis, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `/authorize?${new URLSearchParams(given)}`
}

export async function setUp(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider(options)
  const person = newPerson(kit.provider)
  return { ...kit, person }
}

/** Goes through sign-in and consent once, so that nothing is needed any more. */
export async function signedIn(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await setUp(options)
  const page = await kit.person.open(authorize())
  const consent = await kit.person.post(`${page.path}/sign-in`, { username: 'alice' })
  const left = await kit.person.submit(consent, { decision: 'allow' })
  expect(left.leftTo?.searchParams.get('code')).toBeTruthy()
  return kit
}
