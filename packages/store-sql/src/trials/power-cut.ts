import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openSqlite } from '../sqlite.ts'

/** What a disk holds of a database at one moment. */
export interface Disk {
  readonly database: Buffer
  readonly log: Buffer
}

/** The page size that SQLite gives new files, and what a frame of the log adds to a page. @see https://sqlite.org/fileformat.html#walformat */
export const pageBytes = 4096
export const logHeaderBytes = 32
export const frameBytes = pageBytes + 24

export function diskOf(file: string): Disk {
  return { database: readFileSync(file), log: readFileSync(`${file}-wal`) }
}

/**
 * How much of the log is surely on the disk, because a checkpoint that has begun copies it into the file: SQLite flushes
 * it before. @see https://sqlite.org/walformat.html#the_wal_index_file_format `nBackfillAttempted`
 */
export function flushedBytes(file: string): number {
  const frames = readFileSync(`${file}-shm`).readUInt32LE(128)
  return frames === 0 ? 0 : logHeaderBytes + frames * frameBytes
}

/** Where the log may be cut: behind its header, behind every frame, and in the midst of every frame's head and page. */
export function cutsOf(log: Buffer): readonly number[] {
  const cuts = [0, logHeaderBytes - 1, logHeaderBytes]
  for (let frame = logHeaderBytes; frame + frameBytes <= log.length; frame += frameBytes) {
    cuts.push(frame + 12, frame + frameBytes / 2, frame + frameBytes)
  }
  return cuts
}

/** What stands behind the cut: nothing, zeros, noise, or what was written later and arrived all the same. */
export const tails = {
  nothing: (log: Buffer, cut: number) => log.subarray(0, cut),
  zeros: (log: Buffer, cut: number) => Buffer.concat([log.subarray(0, cut), Buffer.alloc(log.length - cut)]),
  noise: (log: Buffer, cut: number) =>
    Buffer.concat([log.subarray(0, cut), log.subarray(cut).map((byte, index) => byte ^ (1 + (index % 251)))]),
  'later frames': (log: Buffer, cut: number) => {
    const next = Math.min(log.length, cut + frameBytes)
    return Buffer.concat([log.subarray(0, cut), Buffer.alloc(next - cut), log.subarray(next)])
  },
} as const

/** A database file of which each page arrived, did not, or arrived in part, as a checkpoint that was cut leaves it. */
export function mixed({ database: before }: Disk, { database: after }: Disk, random: () => number): Buffer {
  const image = Buffer.alloc(Math.max(before.length, after.length))
  before.copy(image)
  for (let page = 0; page < after.length; page += pageBytes) {
    const arrived = Math.floor(random() * 3) * (pageBytes / 2)
    after.copy(image, page, page, page + arrived)
  }
  return image
}

/** Codes and refresh tokens by their key, and whether they were consumed or rotated. */
export interface Found {
  readonly codes: ReadonlyMap<string, boolean>
  readonly refreshTokens: ReadonlyMap<string, boolean>
}

/** Opens what the disk holds as a server would after the power is back. @throws Error when it is not in order */
export async function afterPowerIsBack(file: string, { database, log }: Disk): Promise<Found> {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, database)
  writeFileSync(`${file}-wal`, log)
  const opened = openSqlite(file)
  try {
    const check = opened.prepare<{ integrity_check: string }>('pragma integrity_check').get()?.integrity_check
    if (check !== 'ok') throw new Error(`integrity_check: ${check}`)
    const mapOf = (sql: string) =>
      new Map(
        opened
          .prepare<{ hash: string; used: number }>(sql)
          .all()
          .map(({ hash, used }) => [hash, used === 1]),
      )
    return {
      codes: mapOf('select hash, consumed_at is not null as used from codes'),
      refreshTokens: mapOf('select hash, rotated_at is not null as used from refresh_tokens'),
    }
  } finally {
    await opened.close()
  }
}
