import { client, testProvider, testRuntime } from '@latchkey/testing'
import {
  appClient,
  appOrigin,
  type Opened,
  openWorld,
  type World,
  type WorldOptions,
} from './simulated/simulated-world.ts'

/** `SEED=7 npx vitest run …` repeats an order of events. */
export const seed = Number(process.env.SEED ?? 1)

export type House = Awaited<ReturnType<typeof testProvider>>
export type TestWorld = World<House>

interface TestWorldOptions extends Partial<WorldOptions<House>> {
  readonly grace?: number
  /** Changes to how the app is registered. */
  readonly app?: Parameters<typeof client>[0] | Readonly<Record<string, unknown>>
  /** Seconds that the provider's clock is ahead of the browser's. */
  readonly clockOffset?: number
}

/** Tabs of a simulated browser before a real provider: access tokens of 60 seconds, strict rotation. */
export function testWorld({
  grace = 0,
  app = {},
  clockOffset = 0,
  ...options
}: TestWorldOptions = {}): Promise<TestWorld> {
  const redirect_uris = [...appClient.redirect_uris, `${appOrigin}/popup-callback.html`]
  return openWorld({
    seed,
    openProvider: (now) =>
      testProvider({
        runtime: { ...testRuntime(), now: () => now() + clockOffset },
        moreClients: [client({ ...appClient, redirect_uris, ...app })],
        lifetimes: { access_token: 60, refresh_token_grace: grace },
      }),
    ...options,
  })
}

/** The first tab signs in, the others are opened beside it. */
export async function tabs(w: TestWorld, count: number): Promise<[Opened, ...Opened[]]> {
  const opened: [Opened, ...Opened[]] = [await w.signedIn()]
  while (opened.length < count) {
    const next = await w.open()
    await w.run(next.auth.start())
    opened.push(next)
  }
  return opened
}
