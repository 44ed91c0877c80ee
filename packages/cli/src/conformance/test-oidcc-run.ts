import type { JsonWebKey } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { alice, type ConformanceServer, conformanceServer, exampleConfig } from './test-conformance-server.ts'
import { httpsSend } from './test-https.ts'
import { openParty, type Party } from './test-oidcc-party.ts'
import { trustPartyCertificate } from './test-party-certificate.ts'
import { newWalker, type WalkedPage, type Walker } from './test-walker.ts'

/** What a plan is run with, in the suite's words. */
export interface Variant {
  readonly responseType: 'code' | 'id_token' | 'id_token token' | 'code id_token' | 'code token' | 'code id_token token'
  readonly responseMode: 'default' | 'form_post'
  readonly auth: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  readonly registration: 'static_client' | 'dynamic_client'
}

/** The server that a plan is run against, started from the guide's configuration, and the suite beside it. */
export interface House {
  readonly server: ConformanceServer
  readonly party: Party
  /** One RSA key for the clients of all modules: making one takes a while. */
  readonly keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
  close(): Promise<void>
}

export async function openHouse(): Promise<House> {
  trustPartyCertificate()
  const party = await openParty()
  const text = JSON.stringify(exampleConfig('oidcc.json'))
    .replaceAll('https://localhost.emobix.co.uk:8443', party.origin)
    .replaceAll('localhost.emobix.co.uk', new URL(party.origin).hostname)
  const server = await conformanceServer(JSON.parse(text))
  const keys = await generateKeyPair('RS256', { extractable: true })
  return {
    server,
    party,
    keys,
    async close() {
      await server.close()
      await party.close()
    },
  }
}

/** One module's run: a variant, and a browser of its own. */
export interface Run extends House {
  readonly variant: Variant
  readonly browser: Walker
  readonly send: ReturnType<typeof httpsSend>
}

export function startRun(house: House, variant: Variant): Run {
  house.party.takeCallbacks()
  return { ...house, variant, browser: newWalker(httpsSend()), send: httpsSend() }
}

export type Jwk = JsonWebKey & { readonly kid?: string; readonly alg?: string }

/** How far the scripted browser came, and what it did on the way. */
export interface Walked {
  readonly page: WalkedPage
  /** Every page it stood on before the last. */
  readonly seen: readonly WalkedPage[]
  readonly did: readonly ('signed in' | 'allowed' | 'passed an answer on')[]
}

/** The suite's browser: types name and password where they are asked for, allows, and presses on what it is handed. */
export async function walk({ browser, party }: Run, opened: Promise<WalkedPage>): Promise<Walked> {
  const seen: WalkedPage[] = []
  const did: Walked['did'][number][] = []
  let page = await opened
  for (let step = 0; step < 10 && !page.url.startsWith(party.origin); step++) {
    const login = page.forms.find(({ fields }) => fields.password?.type === 'password')
    const consent = page.forms.find(({ buttons }) => buttons.some(({ name }) => name === 'decision'))
    const onward = page.forms.find(({ action }) => action.startsWith(party.origin))
    const form = login ?? consent ?? onward
    if (form === undefined) break
    seen.push(page)
    did.push(login !== undefined ? 'signed in' : consent !== undefined ? 'allowed' : 'passed an answer on')
    page = await browser.press(form, login === undefined ? {} : alice, form === consent ? 'allow' : undefined)
  }
  return { page, seen, did }
}
