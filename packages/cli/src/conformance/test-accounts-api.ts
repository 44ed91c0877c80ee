import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { auth } from '@latchkey/api/node'
import { selfSignedCertificate, testRuntime } from '@latchkey/testing'
import type { ConformanceServer } from './test-conformance-server.ts'
import { accountsApi } from './test-fapi-variant.ts'
import { httpsSend } from './test-https.ts'

export interface AccountsApi {
  readonly url: string
  close(): Promise<void>
}

/** A protected API over https behind Latchkey's own guard: the resource of runs without OpenID Connect. */
export async function serveAccountsApi({ issuer, clock }: ConformanceServer): Promise<AccountsApi> {
  const send = httpsSend()
  const runtime = { ...testRuntime(), now: clock.now, fetch: (url: Request | string) => send(new Request(url)) }
  const gate = auth({ issuer, audience: accountsApi, runtime: runtime as never })
  const options = { ...selfSignedCertificate, requestCert: true, rejectUnauthorized: false }
  const server = createServer(options, async (request, response) => {
    if (await gate(request, response)) response.setHeader('content-type', 'application/json').end('{"accounts":[]}')
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/accounts`,
    async close() {
      await gate.guard.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
