import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { revocationClaims } from '@latchkey/protocol'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { movableRuntime } from '../test-issuer.ts'

/** One row of a snapshot: kind, id, instant, end. */
export type FeedRow = readonly [kind: string, id: string, at: number, expiresAt: number]

/** A provider with nothing but keys, tokens and a revocation feed whose every answer a test decides. */
export async function testFeed() {
  const runtime = movableRuntime()
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }]
  const streams = new Set<ServerResponse>()
  const feed = {
    runtime,
    issuer: '',
    /** Pages of the snapshot, each answered to `after` being its place among them. */
    pages: [[]] as readonly (readonly FeedRow[])[],
    /** Pages that break off, by their place. */
    broken: new Set<number>(),
    asked: [] as number[],
    /** Streams say nothing before this. */
    hold: Promise.resolve(),
    served: [] as string[],
    /** Ids of tokens that a stream tells of before anything else. */
    entries: [] as string[],
    synced: () => streams.forEach((stream) => void stream.write(`event: synced\ndata: ${runtime.now()}\n\n`)),
    sign: (claims: object, typ: string) =>
      new SignJWT({ iss: feed.issuer, iat: Math.floor(runtime.now()), ...claims })
        .setProtectedHeader({ typ, alg: 'ES256', kid: 'k' })
        .sign(privateKey),
    token: (jti: string) => {
      const exp = runtime.now() + 3600
      return feed.sign({ aud: 'urn:api', sub: 'alice', client_id: 'web', jti, exp }, 'at+jwt')
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  function revocation(id: string): Promise<string> {
    const entry = { kind: 'token' as const, id, at: runtime.now(), expiresAt: runtime.now() + 3600, sequence: 1 }
    return feed.sign({ aud: `${feed.issuer}/feed`, ...revocationClaims(entry, feed.issuer) }, 'secevent+jwt')
  }
  async function snapshot(place: number): Promise<string> {
    const entries = feed.pages[place]
    const page = { entries, up_to: place + 1, more: place + 1 < feed.pages.length, cursor: `${place + 1}.` }
    const events = { 'urn:latchkey:event:revocation-snapshot': page }
    return feed.sign({ aud: `${feed.issuer}/feed`, events }, 'secevent+jwt')
  }
  const server = createServer(async ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, feed.issuer)
    response.once('finish', () => void feed.served.push(pathname))
    if (pathname === '/feed') {
      streams.add(response)
      response.on('close', () => streams.delete(response))
      response.writeHead(200)
      await feed.hold
      for (const [index, id] of feed.entries.entries()) {
        response.write(`id: entry-${index}\nevent: set\ndata: ${await revocation(id)}\n\n`)
      }
      return void response.write(`event: synced\ndata: ${runtime.now()}\n\n`)
    }
    if (pathname === '/snapshot') {
      const place = Number(searchParams.get('after'))
      feed.asked.push(place)
      return feed.broken.has(place) ? void response.destroy() : void response.end(await snapshot(place))
    }
    if (pathname === '/jwks') return void response.end(JSON.stringify({ keys }))
    response.end(
      JSON.stringify({
        issuer: feed.issuer,
        jwks_uri: `${feed.issuer}/jwks`,
        revocation_feed_endpoint: `${feed.issuer}/feed`,
        revocation_feed_poll_endpoint: `${feed.issuer}/poll`,
        revocation_feed_snapshot_endpoint: `${feed.issuer}/snapshot`,
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  feed.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return feed
}
