import { createRecentlyUsed, isLoopbackHost, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import { requestedClient } from './requested-client.ts'

const mostBytes = 5120
const mostDocuments = 1000
/** Bounds to what a document's own headers say of keeping it, and what counts where they say nothing. */
const keptSeconds = { least: 60, most: 86_400, usual: 300 }
/** Seconds between two requests for a document that could not be used. */
const coolDownSeconds = 10
/** Seconds for which a document goes on counting while its address does not answer. */
const staleSeconds = 3600
/** Requests within a minute, whatever the addresses: nobody sends this server against others. */
const mostFetchesPerMinute = 120

export interface MetadataDocuments {
  /** Whether a client_id is the address of a document. */
  isAddress(clientId: string): boolean
  /** @throws OAuthError `invalid_client` when the document cannot be had or is not one of this client */
  find(clientId: string): Promise<RegisteredClient>
}

export interface MetadataDocumentOptions {
  /** Hosts whose documents are accepted; any when left out. */
  readonly allowedHosts?: readonly string[]
}

interface Kept {
  readonly client: RegisteredClient | null
  readonly problem: string
  readonly freshUntil: number
  readonly staleUntil: number
}

type Needed = Pick<Parts, 'outbound' | 'runtime' | 'registration' | 'issuer'>

/** Clients that describe themselves at the address which is their client_id. @spec Client ID Metadata Document §3, §4 */
export function createMetadataDocuments(parts: Needed, { allowedHosts }: MetadataDocumentOptions): MetadataDocuments {
  const kept = createRecentlyUsed<Kept>(mostDocuments)
  const asking = new Map<string, Promise<Kept>>()
  const budget = createBudget(parts.runtime)
  return {
    isAddress: isDocumentAddress,
    async find(clientId) {
      if (allowedHosts !== undefined && !allowedHosts.includes(new URL(clientId).host))
        throw unusable(clientId, 'its host is not one that this server accepts')
      const { client, problem } = await newest(clientId)
      if (client === null) throw unusable(clientId, problem)
      return client
    },
  }

  function newest(clientId: string): Promise<Kept> | Kept {
    const known = kept.get(clientId)
    if (known !== undefined && parts.runtime.now() < known.freshUntil) return known
    const under = asking.get(clientId) ?? fetchAnew(clientId, known).finally(() => asking.delete(clientId))
    asking.set(clientId, under)
    return under
  }

  async function fetchAnew(clientId: string, known: Kept | undefined): Promise<Kept> {
    const entry = budget() ? await readDocument(parts, clientId) : failed(parts, 'too many were asked for just now')
    const isBetter = entry.client !== null || known?.client == null || known.staleUntil <= parts.runtime.now()
    const counts = isBetter ? entry : { ...known, freshUntil: entry.freshUntil }
    kept.set(clientId, counts)
    return counts
  }
}

/** https with a path, and nothing in it that could be read in two ways. @spec Client ID Metadata Document §3 */
export function isDocumentAddress(clientId: string): boolean {
  if (!clientId.startsWith('https://') || !URL.canParse(clientId)) return false
  const url = new URL(clientId)
  return (
    url.href === clientId && url.pathname !== '/' && url.username === '' && url.password === '' && !/#/.test(clientId)
  )
}

function unusable(clientId: string, why: string): OAuthError {
  const { host } = new URL(clientId)
  return new OAuthError('invalid_client', `the client metadata document of ${host} cannot be used: ${why}`)
}

async function readDocument(parts: Needed, clientId: string): Promise<Kept> {
  try {
    const answer = await parts.outbound.send(clientId, {
      headers: { accept: 'application/json' },
      contentTypes: ['application/json', 'application/client-metadata+json'],
      maxBytes: mostBytes,
    })
    if (answer.status !== 200) return failed(parts, `it was answered with status ${answer.status}`)
    const client = readClient(parts, clientId, answer.body)
    const freshUntil = parts.runtime.now() + secondsToKeep(answer.headers['cache-control'])
    return { client, problem: '', freshUntil, staleUntil: freshUntil + staleSeconds }
  } catch (error) {
    if (error instanceof OutboundError) return failed(parts, error.message)
    if (error instanceof OAuthError) return failed(parts, error.description)
    throw error
  }
}

/** Errors are not kept, only not asked about again at once. @spec Client ID Metadata Document §4.4 */
function failed({ runtime }: Needed, problem: string): Kept {
  const freshUntil = runtime.now() + coolDownSeconds
  return { client: null, problem, freshUntil, staleUntil: freshUntil }
}

function secondsToKeep(cacheControl = ''): number {
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return keptSeconds.least
  const given = /\bmax-age=(\d{1,9})/i.exec(cacheControl)?.[1]
  const wanted = given === undefined ? keptSeconds.usual : Number(given)
  return Math.min(keptSeconds.most, Math.max(keptSeconds.least, wanted))
}

/** @throws OAuthError @spec Client ID Metadata Document §4.1, §6.1 */
function readClient(parts: Needed, clientId: string, body: string): RegisteredClient {
  const members = parsed(body)
  if (members.client_id !== clientId) throw wrong('its client_id is not its own address')
  if ('client_secret' in members || 'client_secret_expires_at' in members) throw wrong('it holds a secret')
  const method = members.token_endpoint_auth_method ?? 'none'
  if (typeof method === 'string' && method.startsWith('client_secret')) throw wrong('it wants to use a secret')
  const asked = { ...members, token_endpoint_auth_method: method }
  const { client_secret: _none, ...metadata } = requestedClient(parts.registration, {
    clientId,
    members: asked,
    issuer: parts.issuer,
  })
  for (const uri of metadata.redirect_uris) checkRedirectUri(uri, new URL(clientId).origin)
  const now = Math.floor(parts.runtime.now())
  return { metadata, secretHashes: [], origin: 'document', version: 1, createdAt: now, updatedAt: now }
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw wrong('it is no JSON object')
}

/** Answers go to where the document stands, or to the person's own device. */
function checkRedirectUri(uri: string, origin: string): void {
  const url = new URL(uri)
  if (url.origin === origin || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return
  throw wrong('one of its redirect_uris is neither on its own origin nor on loopback')
}

function wrong(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}

function createBudget({ now }: Needed['runtime']): () => boolean {
  let minute = -1
  let left = 0
  return () => {
    const current = Math.floor(now() / 60)
    if (current !== minute) {
      minute = current
      left = mostFetchesPerMinute
    }
    return left-- > 0
  }
}
