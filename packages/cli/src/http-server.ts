import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createProbe, type Socket } from 'node:net'
import { ConfigError, type Runtime } from '@latchkey/protocol'
import { carrierOptions, nodeListener } from './carrier/node-listener.ts'
import type { ClientCertificates } from './client-certificates.ts'
import type { ServeConfig } from './config/serve-config.ts'

const drainSeconds = 10
const idleSweepSeconds = 0.1

type HttpServer = ReturnType<typeof createServer>

interface Binding {
  readonly listen: ServeConfig['listen']
  readonly fetch: (request: Request) => Promise<Response>
  /** Asks clients for certificates; null never does. */
  readonly certificates?: ClientCertificates | null
  readonly runtime: Runtime
  /** Ends answers that would otherwise go on and on. */
  readonly endStreams?: () => void
}

/** Listens, or throws a ConfigError that says why it cannot and what to do. */
export async function bindServer(binding: Binding): Promise<{ close(): Promise<void> }> {
  const { listen, runtime, endStreams = () => {} } = binding
  const server = createHttpServer(binding)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ConfigError([explainListen(listen, error)])))
    server.listen({ host: unbracketed(listen.host), port: listen.port }, resolve)
  })
  return { close: () => drain(server, { runtime, graceSeconds: listen.drainGraceSeconds, endStreams }) }
}

function createHttpServer({ listen: { tls }, fetch: answer, certificates = null }: Binding): HttpServer {
  const listener = nodeListener(certificates === null ? answer : remembering(certificates, answer))
  if (tls === null) return createServer(carrierOptions, listener)
  const pair = { key: readPem('listen.tls.key', tls.key), cert: readPem('listen.tls.cert', tls.cert) }
  try {
    return createTlsServer({ ...carrierOptions, ...pair, ...strongTls, ...certificates?.tls }, listener)
  } catch (error) {
    throw new ConfigError([
      `listen.tls: ${tls.key} and ${tls.cert} do not make a pair that works (${(error as NodeJS.ErrnoException).code}). ` +
        'Both must be PEM files, the key without a passphrase, and the certificate made for this very key.',
    ])
  }
}

/** TLS 1.2 with forward secrecy and authenticated encryption alone, and 1.3. @spec FAPI 2.0 §5.2.2; RFC 9325 §4.2 */
const strongTls = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ].join(':'),
} as const

interface Bindings {
  readonly incoming: { readonly socket: Socket }
}

function remembering(certificates: ClientCertificates, answer: Binding['fetch']) {
  return (request: Request, { incoming }: Bindings) => {
    certificates.remember(request, incoming)
    return answer(request)
  }
}

function readPem(name: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new ConfigError([
      `${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path and that this user may read it.`,
    ])
  }
}

interface Draining {
  readonly runtime: Runtime
  /** How long new requests are still answered, so that load balancers can look elsewhere first. */
  readonly graceSeconds: number
  readonly endStreams: () => void
}

/** Serves on for the grace, finishes what runs, then lets go; whoever has not finished after the limit is cut off. */
async function drain(server: HttpServer, { runtime, graceSeconds, endStreams }: Draining): Promise<void> {
  // Each answer says that it is the connection's last: a client that knows does not send into a closing socket.
  server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false
  })
  if (graceSeconds > 0) await new Promise<void>((resolve) => void runtime.schedule(graceSeconds, resolve))
  const timers = new Set<() => void>()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    // Only now: whoever comes back at once has to reach another node.
    endStreams()
    // A connection that falls idle while closing would otherwise wait out its keep-alive.
    const closeIdle = (): void => {
      server.closeIdleConnections()
      timers.add(runtime.schedule(idleSweepSeconds, closeIdle))
    }
    closeIdle()
    timers.add(runtime.schedule(drainSeconds, () => server.closeAllConnections()))
  })
  for (const cancel of timers) cancel()
}

/** A port that is free now. */
export async function freePort(host: string): Promise<number> {
  const probe = createProbe()
  return await new Promise<number>((resolve, reject) => {
    probe.once('error', (error) => reject(new ConfigError([explainListen({ host, port: 0 }, error)])))
    probe.listen({ host: unbracketed(host), port: 0 }, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function explainListen({ host, port }: { host: string; port: number }, error: NodeJS.ErrnoException): string {
  const where = `listen: cannot listen on ${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return (
      `${where}: another program has this port. ` +
      `End it ("lsof -i :${port}" or "ss -ltnp sport = :${port}" names it), or choose another port under "listen" and, where people reach it directly, in "issuer".`
    )
  if (error.code === 'EACCES' && port < 1024)
    return (
      `${where}: ports below 1024 need special rights. Choose a port from 1024 on and let a reverse proxy take ${port}, ` +
      'or give the program the right alone: sudo setcap cap_net_bind_service=+ep "$(command -v node)"'
    )
  if (error.code === 'EADDRNOTAVAIL')
    return `${where}: this machine has no such address. Use 127.0.0.1 for this machine only, or 0.0.0.0 (:: for IPv6 too) for every address it has.`
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return `${where}: the name "${host}" has no address. Write an address such as 127.0.0.1 or 0.0.0.0.`
  return `${where} (${error.code ?? error.message}). Choose another host or port under "listen".`
}
