import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

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

const magic = 'latchkey-revocations-1'

/** What stands in the file, or null when there is none that can be read whole: then a snapshot is taken. */
export async function readFeedFile(path: string): Promise<KeptFeed | null> {
  try {
    const bytes = await readFile(path)
    const end = bytes.indexOf(0x0a)
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as Readonly<Record<string, unknown>>
    const { format, issuer, seed, cursor, syncedAt, length } = head
    const rows = new Uint32Array(new Uint8Array(bytes.subarray(end + 1)).buffer)
    if (format !== magic || rows.length !== length || typeof issuer !== 'string' || typeof seed !== 'number')
      return null
    if (typeof cursor !== 'string' || typeof syncedAt !== 'number') return null
    return { issuer, seed, cursor, syncedAt, rows }
  } catch {
    return null
  }
}

/** Written whole beside the old file and then put in its place. */
export async function writeFeedFile(path: string, { rows, ...head }: KeptFeed): Promise<void> {
  const text = `${JSON.stringify({ format: magic, ...head, length: rows.length })}\n`
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.new`
  const file = await open(unfinished, 'w', 0o600)
  try {
    await file.writeFile(Buffer.concat([Buffer.from(text), Buffer.from(rows.buffer)]))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
}
