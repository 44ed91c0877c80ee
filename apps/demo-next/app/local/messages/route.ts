import { withBff } from '@latchkey/bff/next'
import { core } from '../../../src/core.ts'

export const dynamic = 'force-dynamic'

/** A handler of the application's own: 403 to other pages, 401 to nobody, else what the API says. */
export const GET = withBff(core, async (_request, bff) => {
  const answer = await bff.userAccessTokenFetch('apiClient')('external')
  return Response.json(await answer.json(), { status: answer.status, headers: { 'cache-control': 'no-store' } })
})
