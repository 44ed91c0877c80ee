import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { ConfigError, decodeBase64url, encodeBase64url, type Runtime } from '@latchkey/protocol'

const keyLength = 32

interface KeyFile {
  /** null keeps the key in memory. */
  readonly file: string | null
  readonly runtime: Runtime
  /** Whether the database already holds keys that only this file opens. */
  readonly mustExist: boolean
}

/** The 32 bytes that encrypt the signing keys; made at the first start, readable by its owner alone. */
export function loadEncryptionKey({ file, runtime, mustExist }: KeyFile): Uint8Array {
  if (file === null) return runtime.randomBytes(keyLength)
  const stored = readKey(file)
  if (stored !== null) return stored
  if (mustExist) {
    throw new ConfigError([
      `${file} is missing: the database was made with this key file and its signing keys open with no other. ` +
        'Put the file back, or move the database away to start with an empty one (then everyone signs in again).',
    ])
  }
  createKey(file, runtime)
  return readKey(file) ?? runtime.randomBytes(keyLength)
}

/** The key of the configuration, which seals, and the older ones, which still open. A new file is made where older ones stand. */
export function loadEncryptionKeys(
  config: { readonly encryptionKeyFile: string | null; readonly olderEncryptionKeyFiles: readonly string[] },
  { runtime, mustExist }: Pick<KeyFile, 'runtime' | 'mustExist'>,
): readonly Uint8Array[] {
  const older = config.olderEncryptionKeyFiles.map((file) => loadEncryptionKey({ file, runtime, mustExist: true }))
  const isNew = older.length > 0
  return [loadEncryptionKey({ file: config.encryptionKeyFile, runtime, mustExist: mustExist && !isNew }), ...older]
}

function readKey(file: string): Uint8Array | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
    refuseReadableByOthers(file)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return null
    throw new ConfigError([
      `${file} (the encryption key) cannot be read (${code}). Give this user the right to read it.`,
    ])
  }
  const key = decodeBase64url(text)
  if (key?.length === keyLength) return key
  throw new ConfigError([
    `${file} holds no encryption key: it must be 32 bytes in base64url (43 characters). ` +
      'Put the file back that was made with this database, or name another with "encryption_key_file".',
  ])
}

function refuseReadableByOthers(file: string): void {
  if (process.platform === 'win32' || (statSync(file).mode & 0o077) === 0) return
  throw new ConfigError([
    `${file} (the encryption key) may be read by other users of this machine. Take that right away: chmod 600 ${file}`,
  ])
}

/** Written whole under another name first, then linked: two servers that start together end with one key. */
function createKey(file: string, runtime: Runtime): void {
  const draft = `${file}.${encodeBase64url(runtime.randomBytes(6))}.new`
  try {
    writeFileSync(draft, `${encodeBase64url(runtime.randomBytes(keyLength))}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    })
    linkSync(draft, file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return
    throw new ConfigError([
      `The encryption key ${file} cannot be written (${code}). Give this user the right to write to its folder, ` +
        'or name another place with "encryption_key_file".',
    ])
  } finally {
    rmSync(draft, { force: true })
  }
}
