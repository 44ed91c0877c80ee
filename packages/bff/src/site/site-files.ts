import { createReadStream, type Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { methodRefusal, problem } from '../http/problem.ts'
import { headerOf } from '../http/request.ts'

/** A built single-page app in a folder. */
export interface SiteFolder {
  readonly folder: string
  /** Headers of every answer, such as `content-security-policy`. */
  readonly headers: Readonly<Record<string, string>>
}

const types: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
}
/** Builders put a hash of the content in such names. */
const hashed = /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

interface Found {
  readonly path: string
  readonly stats: Stats
}

/**
 * Answers with a file of the folder; a path without a file name is a page of the app and gets its `index.html`.
 * `segments` are decoded and hold neither separators nor dot segments. Hidden files and links that lead out are not there.
 */
export async function siteFile(site: SiteFolder, segments: readonly string[], request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodRefusal(['GET', 'HEAD'])
  const root = await realpath(site.folder)
  const asked = segments.length === 0 ? null : await find(root, segments)
  const isPage = !(segments.at(-1) ?? '').includes('.')
  const found = asked ?? (isPage ? await find(root, ['index.html']) : null)
  if (found === null) return problem({ status: 404, code: 'not_found', detail: 'there is nothing at this path' })
  return answer(site, found, request)
}

async function find(root: string, segments: readonly string[]): Promise<Found | null> {
  if (segments.some((segment) => segment.startsWith('.') && segment !== '.well-known')) return null
  try {
    const path = await realpath(join(root, ...segments))
    if (!path.startsWith(root + sep)) return null
    const stats = await stat(path)
    return stats.isFile() ? { path, stats } : null
  } catch {
    return null
  }
}

/** @spec RFC 9110 §8.8.3, §13.1.2; RFC 8246 §2 */
function answer({ headers: own }: SiteFolder, { path, stats }: Found, request: Request): Response {
  const etag = `W/"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}"`
  const headers = {
    'content-type': types[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'cache-control': hashed.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    etag,
    ...own,
  }
  const known = (headerOf(request, 'if-none-match') ?? '').split(',').some((one) => one.trim() === etag)
  if (known) return new Response(null, { status: 304, headers })
  const body = request.method === 'HEAD' || stats.size === 0 ? null : Readable.toWeb(createReadStream(path))
  const length = { 'content-length': String(stats.size) }
  return new Response(body as ReadableStream<Uint8Array> | null, { headers: { ...headers, ...length } })
}
