import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, openHouse, type Run, startRun, type Variant } from './test-oidcc-run.ts'

export type Module = (run: Run) => Promise<void>
/** Modules by the suite's names for them. */
export type Modules = Readonly<Record<string, Module>>

/** Some modules of a plan, in the variant in which the plan runs them. */
export interface Round {
  readonly variant: Variant
  readonly modules: readonly string[]
}

/** Runs a plan against one server: one test a module, under the module's own name. */
export function runPlan(plan: string, known: Modules, rounds: readonly Round[]): void {
  describe(plan, () => {
    let house: House
    beforeAll(async () => {
      house = await openHouse()
    })
    afterAll(() => house.close())
    for (const { variant, modules } of rounds)
      describe(nameOf(variant), () => {
        test.each(modules)('%s', async (name) => {
          const module = known[name]
          expect(module, `no module ${name}`).toBeDefined()
          await module?.(startRun(house, variant, name))
        })
      })
  })
}

function nameOf({ responseType, responseMode, auth, registration }: Variant): string {
  return `response_type=${responseType} response_mode=${responseMode} ${auth} ${registration}`
}
