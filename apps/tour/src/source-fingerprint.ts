import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const madeByBuilds = new Set(['node_modules', 'dist', '.angular'])

/** SHA-256 over names and contents of all files below `paths`, apart from tests and what builds make. */
export function fingerprintOf(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths.flatMap((each) => filesBelow(root, each))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  }
  return hash.digest('base64url')
}

function filesBelow(root: string, path: string): string[] {
  const stats = statSync(join(root, path), { throwIfNoEntry: false })
  if (stats === undefined || path.endsWith('.test.ts') || path.endsWith('.tsbuildinfo')) return []
  if (!stats.isDirectory()) return [path]
  return readdirSync(join(root, path))
    .filter((name) => !madeByBuilds.has(name))
    .sort()
    .flatMap((name) => filesBelow(root, `${path}/${name}`))
}
