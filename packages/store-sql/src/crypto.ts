import { createHash } from 'node:crypto'

/** A SHA-256 over lines, in hexadecimal. */
export interface Checksum {
  add(line: string): void
  digest(): string
}

export function createChecksum(): Checksum {
  const hash = createHash('sha256')
  return {
    add: (line) => void hash.update(line).update('\n'),
    digest: () => hash.digest('hex'),
  }
}
