import type { Runtime } from '@latchkey/protocol'

/** How a part of the server is; `too slow` gave no answer within the time limit. */
type Condition = 'ok' | 'failed' | 'too slow'

export interface Health {
  /** Answers `/health/live` and `/health/ready`; null for every other path. */
  answer(request: Request): Promise<Response> | null
  /** From now on the server is alive but not ready: load balancers take it out of their rounds. */
  drain(): void
}

export interface HealthOptions {
  /** Every part that requests need, each with a cheap question that rejects when it cannot work. */
  readonly parts: Readonly<Record<string, () => Promise<unknown>>>
  readonly runtime: Runtime
  /** How long a part may take to answer. */
  readonly limitSeconds?: number
  /** Hears why a part is not ready, once until it is again: the reason is for the log, never for the wire. */
  readonly onTrouble?: (part: string, reason: string) => void
}

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** Liveness and readiness, the way that orchestrators and load balancers ask for them. */
export function createHealth(options: HealthOptions): Health {
  let isDraining = false
  let checking: Promise<Record<string, Condition>> | null = null
  const checks = Object.entries(options.parts).map(([name, ask]) => createCheck(name, ask, options))
  const check = (): Promise<Record<string, Condition>> => {
    // Probes that come at once share one check: a store in trouble is not asked more often for it.
    checking ??= Promise.all(checks.map((each) => each()))
      .then(Object.fromEntries<Condition>)
      .finally(() => {
        checking = null
      })
    return checking
  }
  async function ready(): Promise<Response> {
    if (isDraining) return Response.json({ status: 'draining' }, { status: 503, headers })
    const conditions = await check()
    const isReady = Object.values(conditions).every((condition) => condition === 'ok')
    const status = isReady ? 'ready' : 'not ready'
    return Response.json({ status, checks: conditions }, { status: isReady ? 200 : 503, headers })
  }
  return {
    answer(request) {
      // Nearly every request is another's: it pays for one search in a string.
      if (!request.url.includes('/health/')) return null
      const path = new URL(request.url).pathname
      if (path !== '/health/live' && path !== '/health/ready') return null
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return Promise.resolve(new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } }))
      return path === '/health/ready' ? ready() : Promise.resolve(Response.json({ status: 'live' }, { headers }))
    },
    drain() {
      isDraining = true
    },
  }
}

function createCheck(name: string, ask: () => Promise<unknown>, options: HealthOptions) {
  const { runtime, limitSeconds = 2, onTrouble = () => {} } = options
  let wasTold = false
  return async (): Promise<readonly [string, Condition]> => {
    const { condition, reason } = await within(limitSeconds, ask, runtime)
    if (condition !== 'ok' && !wasTold) onTrouble(name, reason)
    wasTold = condition !== 'ok'
    return [name, condition]
  }
}

interface Outcome {
  readonly condition: Condition
  readonly reason: string
}

function within(seconds: number, ask: () => Promise<unknown>, runtime: Runtime): Promise<Outcome> {
  return new Promise((resolve) => {
    const cancel = runtime.schedule(seconds, () =>
      resolve({ condition: 'too slow', reason: `no answer within ${seconds} s` }),
    )
    const settle = (outcome: Outcome): void => {
      cancel()
      resolve(outcome)
    }
    ask().then(
      () => settle({ condition: 'ok', reason: '' }),
      (error: unknown) => settle({ condition: 'failed', reason: reasonOf(error) }),
    )
  })
}

/** Our own errors keep what an operator needs in `detail`; it holds no password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { detail } = error as { detail?: unknown }
  return typeof detail === 'string' ? detail : error.message
}
