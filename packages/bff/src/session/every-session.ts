import type { BffSessionRecord, SessionFilter, SessionStore } from '../session-store/session-store.ts'

export const pageSize = 100

/** Page by page, so that no number of sessions is too many. */
export async function* everySession(
  store: SessionStore,
  filter: SessionFilter,
  now: () => number,
): AsyncGenerator<BffSessionRecord> {
  let after: string | undefined
  do {
    const page = await store.list(filter, {
      limit: pageSize,
      now: now(),
      ...(after === undefined ? {} : { after }),
    })
    yield* page
    after = page.length < pageSize ? undefined : page.at(-1)?.hash
  } while (after !== undefined)
}
