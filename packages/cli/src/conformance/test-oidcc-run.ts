import { generateKeyPair } from 'jose'
import { type ConformanceServer, conformanceServer, exampleConfig } from './test-conformance-server.ts'
import { httpsSend } from './test-https.ts'
import { openParty, type Party } from './test-oidcc-party.ts'
import { goThrough, tasksFor, type Walked } from './test-oidcc-script.ts'
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
  /** The module's name. */
  readonly module: string
  readonly variant: Variant
  readonly browser: Walker
  readonly send: ReturnType<typeof httpsSend>
}

export function startRun(house: House, variant: Variant, module: string): Run {
  house.party.takeCallbacks()
  return { ...house, variant, module, browser: newWalker(httpsSend()), send: httpsSend() }
}

/** The suite's browser, by its own script for this module. */
export async function walk({ browser, module, server }: Run, opened: Promise<WalkedPage>): Promise<Walked> {
  return goThrough(browser, tasksFor(module, server.issuer), await opened)
}
