import { DOCUMENT } from '@angular/common'
import { inject } from '@angular/core'
import type { AuthPart } from '@latchkey/browser'
import { keepIn } from '@latchkey/browser/storage'
import { inRoot } from './in-root.ts'

/**
 * Keeps sessions beyond a reload: `{ provide: AbstractSecurityStorage, useClass: DefaultSessionStorageService }`. Without
 * one they stay in memory, and a reload asks other tabs or the provider. What is written can be read by any script of the
 * origin.
 */
export abstract class AbstractSecurityStorage {
  abstract read(key: string): string | null
  abstract write(key: string, value: string): void
  abstract remove(key: string): void
  abstract clear(): void
}

type WebStorage = 'sessionStorage' | 'localStorage'

class WebStorageService extends AbstractSecurityStorage {
  /** Looked up at every call: where storage is blocked, as in some frames, even to name it throws. @spec HTML §12.2.2 */
  readonly #storage: () => Storage | undefined

  constructor(kind: WebStorage) {
    super()
    const page = inject(DOCUMENT)
    this.#storage = () => page.defaultView?.[kind]
  }

  override read(key: string): string | null {
    return this.#storage()?.getItem(key) ?? null
  }
  override write(key: string, value: string): void {
    this.#storage()?.setItem(key, value)
  }
  override remove(key: string): void {
    this.#storage()?.removeItem(key)
  }
  override clear(): void {
    this.#storage()?.clear()
  }
}

/** In this tab's `sessionStorage`. */
export class DefaultSessionStorageService extends WebStorageService {
  static readonly ɵprov: unknown = inRoot(DefaultSessionStorageService)

  constructor() {
    super('sessionStorage')
  }
}

/** In `localStorage`: it outlives the browser, too. */
export class DefaultLocalStorageService extends WebStorageService {
  static readonly ɵprov: unknown = inRoot(DefaultLocalStorageService)

  constructor() {
    super('localStorage')
  }
}

/** An application's storage as a part of the core. */
export function keepInStorage(storage: AbstractSecurityStorage): AuthPart {
  return keepIn((name) => ({
    load: () => JSON.parse(storage.read(name) ?? 'null') as unknown,
    save: (session) => storage.write(name, JSON.stringify(session)),
    remove: () => storage.remove(name),
  }))
}
