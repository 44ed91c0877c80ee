import type { SqliteDatabase } from './sqlite.ts'

/** So much stays in the file for the rows to come: a part of it, and 16 MB at least. */
const kept = { share: 0.25, pages: 4096 }
/** Pages given back in one transaction, and in one call: 8 MB. */
const atOnce = 32
const inOneCall = 2048

/** Gives pages that nothing needs any more back to the file system, a few at a time. A file from before this was possible keeps them. */
export function createGiveBack(db: SqliteDatabase): () => Promise<void> {
  const modeOf = db.prepare<{ readonly auto_vacuum: number }>('pragma auto_vacuum')
  const freeOf = db.prepare<{ readonly freelist_count: number }>('pragma freelist_count')
  const allOf = db.prepare<{ readonly page_count: number }>('pragma page_count')
  const giveBack = db.prepare(`pragma incremental_vacuum(${atOnce})`)
  const canGiveBack = modeOf.get()?.auto_vacuum === incremental
  const spare = (): number => {
    const all = allOf.get()?.page_count ?? 0
    return (freeOf.get()?.freelist_count ?? 0) - Math.max(kept.pages, all * kept.share)
  }
  return async () => {
    if (!canGiveBack) return
    for (let given = 0; given < inOneCall && spare() >= atOnce; given += atOnce) {
      await db.write(() => void giveBack.all())
    }
  }
}

const incremental = 2
