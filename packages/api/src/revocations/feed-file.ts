import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256Bytes } from '../crypto.ts'
import { rowWords } from './revoked-ids.ts'

/** What a guard keeps of the feed across its restarts. */
export interface KeptFeed {
  readonly issuer: string
  readonly seed: number
  /** Where the stream goes on. */
  readonly cursor: string
  /** When the feed was last known to be complete, in epoch seconds. */
  readonly syncedAt: number
  readonly rows: Uint32Array<ArrayBuffer>
}

const magic = 'latchkey-revocations-2'

/** What stands in the file, or null when there is none that can be read whole: then a snapshot is taken. */
export async function readFeedFile(path: string): Promise<KeptFeed | null> {
  try {
    const bytes = await readFile(path)
    const end = bytes.indexOf(0x0a)
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as Readonly<Record<string, unknown>>
    const body = new Uint8Array(bytes.subarray(end + 1))
    const { format, issuer, seed, cursor, syncedAt, digest } = head
    // A row that is lost or changed is a revocation forgotten.
    if (format !== magic || digest !== sha256Bytes(body)) return null
    if (typeof issuer !== 'string' || typeof seed !== 'number') return null
    if (typeof cursor !== 'string' || typeof syncedAt !== 'number') return null
    const rows = new Uint32Array(body.buffer)
    return rows.length % rowWords === 0 ? { issuer, seed, cursor, syncedAt, rows } : null
  } catch {
    return null
  }
}

/** Written whole beside the old file, under a name of its own since several processes may keep one file, and then put in its place. */
export async function writeFeedFile(path: string, kept: KeptFeed, unique: string): Promise<void> {
  const { rows, ...head } = kept
  const body = new Uint8Array(rows.buffer)
  const text = `${JSON.stringify({ format: magic, ...head, digest: sha256Bytes(body) })}\n`
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${unique}.new`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.writeFile(body)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
