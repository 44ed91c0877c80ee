import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountsApi, serveAccountsApi } from './test-accounts-api.ts'
import { type ConformanceServer, conformanceServer } from './test-conformance-server.ts'
import { type Answer, type FapiClient, fapiClient } from './test-fapi-client.ts'
import { configFor, nameOf, type Variant } from './test-fapi-variant.ts'

/** One run of a plan: its variant, and the server that it is run against. */
export interface Run {
  readonly variant: Variant
  readonly server: ConformanceServer
  /** A client of the plan, the first unless said otherwise, with a key, a state and a verifier of its own. */
  client(which?: 1 | 2): Promise<FapiClient>
  /** Pushes, signs in and redeems. */
  tokens(client: FapiClient): Promise<Answer>
}

export type Module = (run: Run) => Promise<void>
/** The modules of a plan by the suite's names for them, without the prefix that they share. */
export type Modules = Readonly<Record<string, Module>>

/** Runs modules in each variant, one test a module. */
export function runPlan(variants: readonly Variant[], modulesFor: (variant: Variant) => Modules): void {
  describe.each(variants.map((variant) => [nameOf(variant), variant] as const))('%s', (_, variant) => {
    let server: ConformanceServer
    let api: AccountsApi | null = null
    beforeAll(async () => {
      server = await conformanceServer(configFor(variant))
      if (!variant.openid) api = await serveAccountsApi(server)
    })
    afterAll(async () => {
      await api?.close()
      await server.close()
    })
    for (const [name, module] of Object.entries(modulesFor(variant))) {
      test(`fapi2-security-profile-final-${name}`, () => module(runOf(server, variant, api)))
    }
  })
}

function runOf(server: ConformanceServer, variant: Variant, api: AccountsApi | null): Run {
  return {
    variant,
    server,
    client: (which = 1) => fapiClient(server, variant, { which, ...(api === null ? {} : { api: api.url }) }),
    async tokens(client) {
      const tokens = await client.redeem((await client.authorize(await client.push())).code)
      expect(tokens).toMatchObject({ status: 200 })
      return tokens
    },
  }
}

/** What the suite wants of a refusal: one of these codes under its status, in JSON that no cache keeps. */
export function expectRefusal(answer: Answer, ...codes: readonly string[]): void {
  expect(codes).toContain(answer.body.error)
  expect(answer.status).toBe(answer.body.error === 'invalid_client' ? 401 : 400)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(String(answer.body.error_description)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
}

/** 96 bits at least in what is handed out, as the suite estimates it. */
export function expectEntropy(value: unknown): void {
  expect(String(value).length).toBeGreaterThanOrEqual(32)
}
