import { describe, expect, test } from 'vitest'
import { withFaults } from './faults.ts'
import { listen } from './listen.ts'
import { testRuntime } from './test-runtime.ts'

const url = 'https://any.test/'

/** A fetch that counts what arrives, with faults in front of it. */
function faulty(faults: Omit<Parameters<typeof withFaults>[1], 'runtime'>) {
  const runtime = testRuntime()
  let arrived = 0
  const wrapped = withFaults(
    async () => {
      arrived++
      return new Response(String(arrived))
    },
    { ...faults, runtime },
  )
  return { ...wrapped, clock: runtime.clock, arrived: () => arrived }
}

describe('faults', () => {
  test('a lost answer still arrived at the other side; a lost request did not', async () => {
    const answer = faulty({ seed: 1, dropAnswer: 1 })
    await expect(answer.fetch(url)).rejects.toThrow(TypeError)
    expect(answer.arrived()).toBe(1)
    const request = faulty({ seed: 1, dropRequest: 1 })
    await expect(request.fetch(url)).rejects.toThrow(TypeError)
    expect(request.arrived()).toBe(0)
  })

  test('a duplicated request arrives twice and is answered once', async () => {
    const { fetch, arrived } = faulty({ seed: 1, duplicate: 1 })
    expect(await (await fetch(url, { method: 'POST', body: 'x' })).text()).toBe('2')
    expect(arrived()).toBe(2)
  })

  test('a delayed request waits for the clock', async () => {
    const { fetch, clock, arrived } = faulty({ seed: 1, delay: 1, longestDelay: 10 })
    const answer = fetch(url)
    expect(arrived()).toBe(0)
    clock.advance(10)
    await answer
    expect(arrived()).toBe(1)
  })

  test('the same seed brings the same faults', async () => {
    const run = async (seed: number) => {
      const { fetch } = faulty({ seed, dropRequest: 0.5 })
      const outcomes: string[] = []
      for (let n = 0; n < 40; n++)
        outcomes.push(
          await fetch(url).then(
            () => 'ok',
            () => 'lost',
          ),
        )
      return outcomes.join()
    }
    expect(await run(7)).toBe(await run(7))
    expect(await run(7)).not.toBe(await run(8))
    expect(await run(7)).toContain('lost')
    expect(await run(7)).toContain('ok')
  })
})

test('listen serves a handler over real HTTP and frees the port again', async () => {
  const server = await listen(async (request) => new Response(await request.text()))
  const answer = await fetch(server.origin, { method: 'POST', body: 'echo' })
  expect(await answer.text()).toBe('echo')
  await server.close()
  await expect(fetch(server.origin)).rejects.toThrow()
})
