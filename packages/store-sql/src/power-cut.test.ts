import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSqliteStore, openSqlite, type SqliteDatabase } from './index.ts'
import { startChild } from './trials/child.ts'
import {
  afterPowerIsBack,
  cutsOf,
  type Disk,
  diskOf,
  type Found,
  flushedBytes,
  mixed,
  tails,
} from './trials/power-cut.ts'
import { codeOf, issuedOf, now } from './trials/records.ts'
import { seeded } from './trials/seeded.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

interface Acknowledged {
  readonly what: 'created' | 'redeemed' | 'rotated'
  readonly number: number
  /** How long the log was when the caller got the answer. */
  readonly logBytes: number
}

/** Writes `count` codes, each with its tokens, some at once, and notes each answer. */
async function work(db: SqliteDatabase, first: number, count: number): Promise<readonly Acknowledged[]> {
  const store = createSqliteStore(db)
  const said: Acknowledged[] = []
  const say = (what: Acknowledged['what'], number: number) =>
    void said.push({ what, number, logBytes: statSync(`${db.file}-wal`).size })
  const live = async (number: number): Promise<void> => {
    const issued = issuedOf(number, 'a')
    const successor = { issued: issuedOf(number, 'rotated'), sealedSuccessor: 'sealed' }
    await store.codes.create(codeOf(number))
    say('created', number)
    expect(await store.codes.redeem(codeOf(number).hash, issued, now)).toBe('redeemed')
    say('redeemed', number)
    await store.refreshTokens.rotate(issued.refreshToken.hash, successor, { now, graceSeconds: 30 })
    say('rotated', number)
  }
  const together = 1 + (first % 3)
  for (let number = first; number < first + count; number += together) {
    await Promise.all(Array.from({ length: together }, (_, index) => live(number + index)))
  }
  return said
}

function isKept({ codes, refreshTokens }: Found, { what, number }: Pick<Acknowledged, 'what' | 'number'>): boolean {
  const code = codes.get(codeOf(number).hash)
  const token = refreshTokens.get(issuedOf(number, 'a').refreshToken.hash)
  if (what === 'created') return code !== undefined
  if (what === 'redeemed') return code === true && token !== undefined
  return token === true && refreshTokens.has(issuedOf(number, 'rotated').refreshToken.hash)
}

function missing(found: Found, said: readonly Acknowledged[]): readonly string[] {
  return said.filter((each) => !isKept(found, each)).map(({ what, number }) => `${what} ${number}`)
}

/** As the power is cut at every point of the log, with each kind of tail in turn; resolves with how many copies were opened. */
async function cutEverywhere(base: string, disk: Disk, of: (cut: number) => readonly Acknowledged[]): Promise<number> {
  const kinds = Object.entries(tails)
  const cuts = cutsOf(disk.log)
  for (const [index, cut] of cuts.entries()) {
    const [kind, tail] = kinds[index % kinds.length] as (typeof kinds)[number]
    const found = await afterPowerIsBack(join(base, `${cut}`, 'cut.db'), { ...disk, log: tail(disk.log, cut) })
    expect(missing(found, of(cut)), `log cut at byte ${cut}, behind it ${kind}`).toEqual([])
  }
  return cuts.length
}

const checkpoint = (db: SqliteDatabase, mode: 'passive' | 'truncate') =>
  db.prepare<{ busy: number }>(`pragma wal_checkpoint(${mode})`).get()

test('a power cut at any byte of the log leaves a database that opens clean, with all that was acknowledged before that byte', {
  timeout: 60_000,
}, async () => {
  const db = openSqlite(files.next())
  checkpoint(db, 'truncate')
  const said = [...(await work(db, 0, 5)), ...(await work(db, 10, 4))]
  const disk = diskOf(db.file)
  const base = dirname(files.next())
  const opened = await cutEverywhere(base, disk, (cut) => said.filter(({ logBytes }) => logBytes <= cut))
  expect(opened).toBeGreaterThan(150)
  await db.close()
})

test('a power cut in the midst of a checkpoint, and while the log is written anew over the old one, loses nothing acknowledged', {
  timeout: 60_000,
}, async () => {
  const db = openSqlite(files.next())
  checkpoint(db, 'truncate')
  const random = seeded(4)
  const before = diskOf(db.file)
  const first = await work(db, 0, 40)
  const full = diskOf(db.file)
  checkpoint(db, 'passive')
  const after = diskOf(db.file)
  expect(after.database.equals(before.database)).toBe(false)
  const base = dirname(files.next())
  for (let trial = 0; trial < 40; trial++) {
    const torn = { database: mixed(before, after, random), log: full.log }
    const found = await afterPowerIsBack(join(base, `torn-${trial}`, 'cut.db'), torn)
    expect(missing(found, first), `checkpoint cut, trial ${trial}`).toEqual([])
  }
  // The log starts again at its beginning: old frames stand behind the new ones, as they do on a disk.
  const second = await work(db, 100, 1)
  const anew = diskOf(db.file)
  expect(anew.log.length).toBe(full.log.length)
  expect(anew.log.subarray(0, 32).equals(full.log.subarray(0, 32))).toBe(false)
  const found = await afterPowerIsBack(join(base, 'anew', 'cut.db'), { database: after.database, log: anew.log })
  expect(missing(found, [...first, ...second])).toEqual([])
  for (const cut of cutsOf(anew.log).slice(0, 60)) {
    const log = Buffer.concat([anew.log.subarray(0, cut), full.log.subarray(cut)])
    const kept = await afterPowerIsBack(join(base, `anew-${cut}`, 'cut.db'), { database: after.database, log })
    expect(missing(kept, first), `log written anew up to byte ${cut}`).toEqual([])
  }
  await db.close()
})

test('the files of a writer frozen at twelve moments hold all that it had acknowledged, and tear to no more than that', {
  timeout: 60_000,
}, async () => {
  const file = files.next()
  const random = seeded(12)
  const child = startChild('writer.ts', [file, '0'])
  const base = dirname(files.next())
  const said: Pick<Acknowledged, 'what' | 'number'>[] = []
  let next = 40
  let moments = 0
  for await (const line of child.lines) {
    const [what = '', digits] = line.split(' ')
    // The loser of a race for a code ends its family; what the winner was given is looked at in the test of kills.
    if (what === 'created' || what === 'rotated') said.push({ what, number: Number(digits) })
    if (said.length < next || moments === 12) continue
    child.process.kill('SIGSTOP')
    const disk = await frozen(file)
    const flushed = flushedBytes(file)
    child.process.kill('SIGCONT')
    const found = await afterPowerIsBack(join(base, `${moments++}`, 'cut.db'), disk)
    expect(
      said.filter((each) => !isKept(found, each)),
      `moment ${moments}`,
    ).toEqual([])
    const cut = flushed + Math.floor(random() * (disk.log.length - flushed))
    const log = disk.log.subarray(0, cut)
    await afterPowerIsBack(join(base, `${moments}-torn`, 'cut.db'), { ...disk, log })
    next = said.length + 20 + Math.floor(random() * 200)
    if (moments === 12) child.process.kill('SIGKILL')
  }
  await child.ended
  expect(moments).toBe(12)
})

/** The files once they have stood still: the signal takes effect a little later than it is sent. */
async function frozen(file: string): Promise<Disk> {
  for (let earlier = diskOf(file); ; ) {
    await new Promise(setImmediate)
    const disk = diskOf(file)
    if (disk.log.equals(earlier.log) && disk.database.equals(earlier.database)) return disk
    earlier = disk
  }
}
